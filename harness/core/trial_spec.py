"""Specification of one trial: frozen, plain data; a hash of its content is the trial's key."""

from dataclasses import dataclass
from typing import ClassVar

import pydantic

from harness.core.files import content_key
from harness.core.parameters import STRICT, Parameters
from harness.core.records import adapter_of

RESULT_FORMAT = 2
"""Increased whenever the same spec would give other numbers or another layout of results."""


@dataclass(frozen=True)
class Choice:
    """A plug-in by name, with the parameters that differ from its defaults."""

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    name: str
    parameters: Parameters


@dataclass(frozen=True)
class TrialSpec:
    """One network to train.

    Attributes
    ----------
    split, digest
        Name of the prepared split and the digest of its content.
    backbone, regime
        The plug-ins and their parameters.
    training
        Parameters of the optimiser and schedule.
    seed
        Seeds initial weights, batch order and augmentation.
    static_exit
        0 trains the early-exit network; e > 0 trains the static network that ends in exit e.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    split: str
    digest: str
    backbone: Choice
    regime: Choice
    training: Parameters
    seed: int
    static_exit: int = 0

    @property
    def key(self) -> str:
        """Trial key: hash of content, data digest and result format; names the result folder."""
        plain = adapter_of(TrialSpec).dump_python(self, mode="json")
        return content_key({"format": RESULT_FORMAT, **plain})
