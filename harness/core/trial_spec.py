"""Specification of one trial: frozen, plain data; a hash of its content is the trial's key."""

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias, TypeVar

import pydantic

from harness.core.files import content_key
from harness.core.parameters import STRICT, Parameters, parameters_of
from harness.core.plugins import Registry
from harness.core.records import adapter_of
from harness.core.result_format import current_format
from harness.core.types import DataShape

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Plugin = TypeVar("_Plugin", bound="DataclassInstance")

Device: TypeAlias = Literal["cpu", "cuda", "mps"]
"""A kind of device; another kind rounds otherwise."""


@dataclass(frozen=True)
class Choice:
    """A plug-in by name, with all of its parameters and the digest of its code.

    Attributes
    ----------
    parameters
        Typed and complete, defaults included: however a study writes them, equal ones are equal.
    source
        `Registry.source_digest`.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    name: str
    parameters: Parameters
    source: str

    @classmethod
    def of(cls, registry: Registry[_Plugin], plugin: _Plugin) -> "Choice":
        """The choice of a plug-in as built; raises InputError for a parameter not allowed."""
        name = registry.name_of(plugin)
        return cls(name, parameters_of(plugin, name), registry.source_digest(name))


@dataclass(frozen=True)
class TrainedOn:
    """What all trials of a study are trained on.

    Attributes
    ----------
    digest
        Of the split's content.
    device
        Kind of the device.
    shape
        Of the data; None where it is not known, and then no seeds train together.
    batches
        The seeds that the study was begun with, and those that it was given since, each time.
    """

    digest: str
    device: Device = "cpu"
    shape: DataShape | None = None
    batches: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class TrialSpec:
    """One network to train.

    Attributes
    ----------
    split, digest
        Name of the prepared split and the digest of its content.
    backbone, regime
        The plug-ins, their parameters and the digests of their code.
    training
        All parameters of the optimiser and schedule, defaults included.
    seed
        Seeds initial weights, batch order and augmentation.
    static_exit
        0 trains the early-exit network; e > 0 trains the static network that ends in exit e.
    device
        Kind of the device that trains it.
    format
        Result format, the version of the trainer (`harness.core.result_format`).
    company
        The seeds, its own among them, whose networks train together as one stack: the numbers of
        each depend on them, by rounding. Empty, and no part of the key, where it trains alone.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    split: str
    digest: str
    backbone: Choice
    regime: Choice
    training: Parameters
    seed: int
    static_exit: int = 0
    device: Device = "cpu"
    format: int = field(default_factory=current_format)
    company: Annotated[
        tuple[int, ...], pydantic.Field(strict=False, exclude_if=lambda seeds: not seeds)
    ] = ()

    @functools.cached_property
    def key(self) -> str:
        """Trial key: hash of all fields; names the result folder."""
        plain = adapter_of(TrialSpec).dump_python(self, mode="json")
        return content_key(plain)
