"""What one trial is: frozen, plain data whose content is its key."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from harness.core.files import Json, content_key
from harness.core.parameters import Parameters, Value

RESULT_FORMAT = 2
"""Raised whenever the same spec would give other numbers or another layout of results."""


@dataclass(frozen=True)
class Choice:
    """A plug-in by name, with the parameters that differ from its defaults."""

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

    split: str
    digest: str
    backbone: Choice
    regime: Choice
    training: Parameters
    seed: int
    static_exit: int = 0

    @property
    def key(self) -> str:
        """Hash of the content, the data digest and the result format: names the result folder."""
        return content_key({"format": RESULT_FORMAT, **to_json(self)})


def to_json(spec: TrialSpec) -> dict[str, Json]:
    """The spec as JSON values."""
    return cast("dict[str, Json]", dataclasses.asdict(spec))


def from_json(value: Mapping[str, Json]) -> TrialSpec:
    """The inverse of `to_json` (JSON lists become the tuples they were)."""
    plain = dict(value)
    return TrialSpec(
        split=cast(str, plain["split"]),
        digest=cast(str, plain["digest"]),
        backbone=_choice(plain["backbone"]),
        regime=_choice(plain["regime"]),
        training=_parameters(plain["training"]),
        seed=cast(int, plain["seed"]),
        static_exit=cast(int, plain["static_exit"]),
    )


def _choice(value: Json) -> Choice:
    plain = cast("dict[str, Json]", value)
    return Choice(cast(str, plain["name"]), _parameters(plain["parameters"]))


def _parameters(value: Json) -> dict[str, Value]:
    plain = cast("dict[str, Json]", value)
    return {
        name: cast(Value, tuple(item) if isinstance(item, list) else item)
        for name, item in plain.items()
    }
