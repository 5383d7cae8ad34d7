"""Where Optuna's studies of a study lie: the contract of a journal file and of a database."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar, Protocol, TypeVar

import optuna
from optuna.storages import BaseStorage

Found = TypeVar("Found")
IDENTITY = "identity"
"""The user attribute of an Optuna study that says what study it is of."""
GROWTH = "growth"
"""The one that says what the study consisted of before it was given regimes or seeds."""
REMEDY = "launch the study again, which makes it anew from configurations.jsonl"
"""What to do where a storage is damaged."""


class StoredStudies(Protocol):
    """What a storage holds of a study, to be read without holding the study.

    Attributes
    ----------
    shared, name
        As of a `StudyStorage`.
    """

    @property
    def shared(self) -> bool:
        """Whether other folders may keep a study of this name there."""

    @property
    def name(self) -> str:
        """How messages name it, without secrets."""

    def read(self) -> dict[str, optuna.Study]:
        """The Optuna studies by regime; errors as of a `StudyStorage`."""


class StudyStorage(ABC):
    """The Optuna studies of one study, one per regime, named `<study>/<regime>`.

    Attributes
    ----------
    shared
        Whether other folders may keep a study of this name there: what it holds need not be ours.
    name
        How messages name it, without secrets.
    """

    shared: ClassVar[bool]
    name: str

    @abstractmethod
    def prepare(self) -> None:
        """Make it ready for the launch that holds the study."""

    @abstractmethod
    def backend(self) -> BaseStorage:
        """Optuna's storage, which is made where there is none."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether anything is stored of the study."""

    @abstractmethod
    def read(self) -> dict[str, optuna.Study]:
        """The Optuna studies by regime; takes no lock and writes nothing.

        Raises
        ------
        DataError
            There is none, or what is stored is damaged.
        InputError
            It may not be read.
        """

    @abstractmethod
    def check_end(self) -> None:
        """Raise DataError where what was written last is not whole."""

    @abstractmethod
    def sound(self) -> "AbstractContextManager[StudyStorage]":
        """What comes before the first damage, to be read within the block."""

    @abstractmethod
    def made_anew(self) -> "AbstractContextManager[StudyStorage]":
        """An empty storage to be filled within the block, which takes this one's place."""

    @abstractmethod
    def discard(self) -> None:
        """Delete what is stored of the study."""

    @abstractmethod
    def patiently(self, work: Callable[[], Found]) -> Found:
        """Do some work, again where the storage was out of reach meanwhile.

        Parameters
        ----------
        work
            May be done twice: it was done, and its answer was lost.

        Raises
        ------
        HarnessError
            The storage stays out of reach, or another launch took the study over.
        """
