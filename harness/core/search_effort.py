"""Sections of a study file that say how much a search trains, and what it begins with."""

import itertools
from typing import Annotated

import pydantic

from harness.core.settings import LISTS, Name, Scalar, Section


class Promote(Section):
    """Seeds as fidelity: what the first seeds show decides who is trained on the others.

    A configuration is promoted where its hypervolume on the first seeds is in the better share of
    its regime's, or where it has a point on its regime's frontier of one of these seeds.
    """

    after: int = pydantic.Field(
        1,
        ge=1,
        description="on how many of `seeds`, the first ones, every configuration is trained",
    )
    keep: float = pydantic.Field(
        0.5,
        gt=0,
        lt=1,
        description="share of each regime's configurations, the best by hypervolume on the first "
        "seeds, that is trained on the other seeds too",
    )


class Fidelity(Section):
    """Epochs as fidelity: every configuration is trained briefly, the best anew for longer.

    A configuration goes on from a number of epochs to the next where its hypervolume is in the
    better share of its regime's there, or where it has a point on its regime's frontier there.
    """

    epochs: Annotated[
        tuple[Annotated[int, pydantic.Field(ge=1, le=1_000_000)], ...],
        pydantic.Field(min_length=2, max_length=10, strict=False),
    ] = pydantic.Field(
        description="numbers of epochs, rising; a configuration is trained anew for each"
    )
    keep: float = pydantic.Field(
        0.34, gt=0, lt=1, description="share of each regime's configurations that goes on"
    )

    @pydantic.field_validator("epochs")
    @classmethod
    def _rising(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if any(after <= before for before, after in itertools.pairwise(epochs)):
            raise ValueError(f"epochs must rise, found {list(epochs)}")
        return epochs


class Stop(Section):
    """When a study ends before `run_cap`; those proposed by then are trained and recorded."""

    no_gain: int = pydantic.Field(
        ge=1,
        description="configurations of each regime (and search) for which the study's hypervolume "
        "on validation has not grown",
    )


class Enqueued(Section):
    """A known configuration, which a search begins with."""

    regime: Name = pydantic.Field(description="one of the study's regimes")
    parameters: dict[Name, Scalar | Annotated[tuple[Scalar, ...], LISTS]] = pydantic.Field(
        {},
        description="values of searched parameters, named as results name them: "
        "training.learning_rate, backbone.widths, regime.tau; the sampler draws what is left out",
    )


def is_none(value: object) -> bool:
    """Whether a field is left out, and then of what is stored of the study too."""
    return value is None


def is_empty(value: tuple[object, ...]) -> bool:
    """Whether a list is left out, and then of what is stored of the study too."""
    return not value
