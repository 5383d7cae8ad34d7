"""Specification of a study, as its file holds it: search space, data, objectives, budget.

Keys follow Weights & Biases' sweep files where they fit (`method`, `metrics`, `run_cap`,
`min`/`max`/`distribution`, `values`).
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import pydantic

from harness.core.faults import meant
from harness.core.search_effort import Enqueued, Fidelity, Promote, Stop, is_empty, is_none
from harness.core.settings import LISTS, FolderName, Name, Scalar, Section, Setting

_TAKEN = re.compile(r"mlartifacts|mlflow\.db.*", re.IGNORECASE)
"""Names of MLflow's files below results/: its database has journals beside it."""
Seed: TypeAlias = Annotated[int, pydantic.Field(ge=0, lt=2**32)]


class BackboneChoice(Section):
    """The backbone by name, its parameters fixed or searched."""

    name: Name = pydantic.Field(description="one of `harness list backbones`")
    parameters: dict[Name, Setting] = pydantic.Field({}, description="fixed or searched")


class PolicyChoice(Section):
    """The exit policy; it is applied post hoc and never searched."""

    name: Name = pydantic.Field("max_softmax", description="one of `harness list policies`")
    parameters: dict[Name, Scalar] = pydantic.Field({}, description="fixed")


class Thresholds(Section):
    """How exit thresholds are chosen: from the exact table post hoc, or sampled by Optuna."""

    selection: Literal["post_hoc", "sampled"] = pydantic.Field(
        "post_hoc",
        description="post_hoc: every vector of a grid, once trained; sampled: one vector per trial",
    )
    levels: int | None = pydantic.Field(
        None, ge=2, le=20000, description="grid levels per exit; by default about 10^6 vectors"
    )
    min: float = pydantic.Field(0.3, ge=0, le=1, description="lowest threshold when sampled")
    max: float = pydantic.Field(1.0, ge=0, le=1, description="highest threshold when sampled")

    @pydantic.model_validator(mode="after")
    def _ordered(self) -> "Thresholds":
        if self.min >= self.max:
            raise ValueError(f"min must lie below max, found min {self.min} and max {self.max}")
        return self


class Metric(Section):
    """One objective, computed on the validation split; in a regression, accuracy is the mean R²."""

    name: Literal[
        "accuracy",
        "cost",
        "hypervolume",
        "best_accuracy",
        "accuracy_at_25",
        "accuracy_at_50",
        "accuracy_at_75",
    ] = pydantic.Field(
        description="accuracy and cost are the knee's; accuracy_at_N is the best within N % of cost"
    )
    goal: Literal["maximize", "minimize"] = pydantic.Field(description="maximize, but for cost")


class Confirm(Section):
    """How what a search found is trained again, on fresh seeds on which nothing was chosen."""

    seeds: int = pydantic.Field(10, ge=2, le=500, description="fresh seeds of each search")
    candidates: Annotated[
        tuple[Annotated[int, pydantic.Field(ge=1, le=100)], ...],
        pydantic.Field(min_length=1, strict=False),
    ] = pydantic.Field(
        (25, 50, 75),
        description="cost budgets in percent; of each regime the configurations that are best "
        "within them on validation are trained",
    )
    resplit: bool = pydantic.Field(
        True,
        description="whether each fresh seed draws its own split, of all but a canonical test part",
    )


def _default_baseline(fields: dict[str, object]) -> str:
    regimes = fields.get("regimes")
    names = list(regimes) if isinstance(regimes, Mapping) else []
    return "joint" if "joint" in names or not names else str(names[0])


class StudySpec(Section):
    """A whole study file."""

    name: FolderName = pydantic.Field(description="its results lie in results/NAME")
    description: str = pydantic.Field("", max_length=2000, description="what the study asks")
    expected_duration: str = pydantic.Field(
        "", max_length=200, description="how long it takes, and on what machine"
    )
    split: FolderName = pydantic.Field(description="a split of params.yaml")
    backbone: BackboneChoice
    training: dict[Name, Setting] = pydantic.Field(
        {}, description="options of training, fixed or searched"
    )
    regimes: Annotated[dict[Name, dict[Name, Setting]], pydantic.Field(min_length=1)] = (
        pydantic.Field(
            description="the regimes compared, each with its fixed or searched parameters"
        )
    )
    baseline: Name = pydantic.Field(
        default_factory=_default_baseline,
        description="regime that all others are compared with; by default joint, "
        "or the first regime of a study without it",
    )
    policy: PolicyChoice = PolicyChoice()
    thresholds: Thresholds = Thresholds()
    metrics: Annotated[tuple[Metric, ...], pydantic.Field(min_length=1, strict=False)] = (
        pydantic.Field(
            (
                Metric(name="accuracy_at_25", goal="maximize"),
                Metric(name="accuracy_at_75", goal="maximize"),
            ),
            description="objectives on validation; of several, Optuna seeks the Pareto set",
        )
    )
    method: Literal["tpe", "nsga2", "gp", "random", "grid"] = pydantic.Field(
        "tpe", description="Optuna's sampler"
    )
    startup: int = pydantic.Field(
        5, ge=1, description="random configurations per regime before tpe or gp models the results"
    )
    population: int = pydantic.Field(
        10, ge=2, description="configurations per generation of nsga2, of each regime"
    )
    enqueue: Annotated[tuple[Enqueued, ...], LISTS] = pydantic.Field(
        (),
        exclude_if=is_empty,
        description="known configurations, which are the first ones of their regimes",
        examples=[[{"regime": "joint", "parameters": {"training.learning_rate": 0.01}}]],
    )
    seeds: Annotated[tuple[Seed, ...], pydantic.Field(min_length=1, strict=False)] = pydantic.Field(
        (0,), description="each configuration is trained once with each of them"
    )
    promote: Promote | None = pydantic.Field(
        None,
        exclude_if=is_none,
        description="trains the better part of each regime's configurations on all seeds, the "
        "others on the first ones alone; run_cap then counts the most that may be trained",
        examples=[{"after": 1, "keep": 0.5}],
    )
    fidelity: Fidelity | None = pydantic.Field(
        None,
        exclude_if=is_none,
        description="trains every configuration for few epochs, the better ones anew for more, in "
        "place of training.epochs; run_cap then counts the most that may be trained",
        examples=[{"epochs": [5, 15, 45], "keep": 0.34}],
    )
    stack: int | None = pydantic.Field(
        None,
        ge=2,
        le=1024,
        exclude_if=is_none,
        description="most seeds of a configuration that train together as one model, on one "
        "device; by default each network trains alone. What cannot be stacked trains alone too",
    )
    searches: int = pydantic.Field(
        1,
        ge=1,
        le=100,
        description="independent searches of every regime, which share run_cap; with several, what "
        "is said of regimes allows for the luck of a search",
    )
    confirm: Confirm = Confirm()
    run_cap: int = pydantic.Field(
        ge=1, le=1_000_000, description="most trials (networks trained) in all"
    )
    stop: Stop | None = pydantic.Field(
        None,
        exclude_if=is_none,
        description="ends the study once it finds nothing better; a launch with a larger number, "
        "or without, goes on",
        examples=[{"no_gain": 5}],
    )
    time_cap_minutes: float | None = pydantic.Field(
        None, gt=0, description="per launch, which then ends in order; by default there is none"
    )
    window: int = pydantic.Field(
        8,
        ge=1,
        description="configurations proposed ahead of the last one reported; at least the workers. "
        "Part of the study, so that proposals do not depend on the speed of workers.",
    )

    @pydantic.field_validator("name")
    @classmethod
    def _free(cls, name: str) -> str:
        if _TAKEN.fullmatch(name):
            raise ValueError(f"{name!r} is taken by MLflow's store, which lies below results/ too")
        if name.endswith((".yaml", ".yml")):
            raise ValueError(f"{name!r} would be taken for a study file; leave the ending out")
        return name

    @pydantic.field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) != len(seeds):
            raise ValueError(f"seeds must differ, found {list(seeds)}")
        return seeds

    @pydantic.field_validator("metrics")
    @classmethod
    def _each_once(cls, metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
        names = [metric.name for metric in metrics]
        if len(set(names)) != len(names):
            raise ValueError(f"metrics must differ, found {', '.join(names)}")
        return metrics

    @pydantic.model_validator(mode="after")
    def _known_baseline(self) -> "StudySpec":
        if self.baseline not in self.regimes:
            known = ", ".join(self.regimes)
            near = meant(self.baseline, self.regimes)
            raise ValueError(f"baseline: {self.baseline} is not one of the regimes ({known}){near}")
        return self

    @pydantic.model_validator(mode="after")
    def _known_regimes(self) -> "StudySpec":
        for index, each in enumerate(self.enqueue):
            if each.regime not in self.regimes:
                known = ", ".join(self.regimes)
                near = meant(each.regime, self.regimes)
                raise ValueError(
                    f"enqueue.{index}.regime: {each.regime} is not one of the regimes "
                    f"({known}){near}"
                )
        return self

    @pydantic.model_validator(mode="after")
    def _promotable(self) -> "StudySpec":
        if self.promote is not None and self.promote.after >= len(self.seeds):
            raise ValueError(
                f"promote.after: must be less than the number of seeds, found {self.promote.after} "
                f"and seeds {list(self.seeds)}"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _one_fidelity(self) -> "StudySpec":
        if self.fidelity is not None and self.promote is not None:
            raise ValueError("fidelity: not together with promote; leave one of them out")
        if self.fidelity is not None and "epochs" in self.training:
            raise ValueError(
                f"training.epochs: fidelity.epochs gives them, {list(self.fidelity.epochs)}; leave "
                "it out"
            )
        return self

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The objectives, in the order in which their values are reported to Optuna."""
        return tuple(metric.name for metric in self.metrics)

    def identity(self) -> dict[str, pydantic.JsonValue]:
        """All that proposals and results depend on: without budgets, baseline and descriptions."""
        left_out = {
            "description", "expected_duration", "run_cap", "time_cap_minutes", "baseline",
            "confirm", "stop",
        }  # fmt: skip
        plain: dict[str, pydantic.JsonValue] = self.model_dump(mode="json", exclude=left_out)
        return plain
