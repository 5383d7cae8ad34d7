"""Specification of a study, as its file holds it: search space, data, objectives, budget.

Keys follow Weights & Biases' sweep files where they fit (`method`, `metrics`, `run_cap`,
`min`/`max`/`distribution`, `values`).
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, TypeGuard

import pydantic
from pydantic_core import PydanticCustomError

from harness.core.parameters import unknown_name

Scalar: TypeAlias = bool | int | float | str
Name: TypeAlias = Annotated[
    str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)
]
Seed: TypeAlias = Annotated[int, pydantic.Field(ge=0, lt=2**32)]
LISTS = pydantic.Field(strict=False)
"""Of a tuple: a list is taken for one, its values are strict all the same."""


class _Section(pydantic.BaseModel):
    """A frozen section of the study file that refuses unknown keys and converts no value."""

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _known(cls, given: object) -> object:
        known = tuple(cls.model_fields)
        unknown = [str(key) for key in given if key not in known] if _is_mapping(given) else []
        if unknown:
            said = "\n".join(unknown_name(key, known) for key in unknown)
            raise PydanticCustomError("unknown_field", "{said}", {"said": said})
        return given


class Between(_Section):
    """A parameter searched in a range: `{min: 0.5, max: 0.99}`.

    A parameter that is a whole number draws whole numbers, whatever the distribution.
    """

    min: float
    max: float
    distribution: Literal["uniform", "log_uniform_values", "int_uniform", "q_uniform"] = "uniform"
    step: float | None = pydantic.Field(
        None, gt=0, description="distance of neighbouring values, counted from min"
    )
    q: float | None = pydantic.Field(
        None, gt=0, description="the step of q_uniform, as W&B names it; by default 1"
    )
    per_exit: bool = pydantic.Field(False, description="one value per exit instead of a shared one")

    @property
    def spacing(self) -> float | None:
        """Distance of neighbouring values; None where any value in the range may be drawn."""
        if self.distribution == "q_uniform":
            return self.q or self.step or 1.0
        return self.step

    @pydantic.model_validator(mode="after")
    def _ordered(self) -> "Between":
        if self.min >= self.max:
            raise ValueError(f"min must lie below max, found min {self.min} and max {self.max}")
        if self.distribution == "log_uniform_values" and self.min <= 0:
            raise ValueError(f"a log distribution needs min > 0, found {self.min}")
        whole = (self.min, self.max, self.step or 0)
        if self.distribution == "int_uniform" and any(value % 1 for value in whole):
            raise ValueError(f"int_uniform needs whole bounds, found {self.min} and {self.max}")
        return self

    @pydantic.model_validator(mode="after")
    def _spaced(self) -> "Between":
        quantised = self.distribution == "q_uniform"
        if self.q is not None and (not quantised or self.step is not None):
            raise ValueError("q goes with `distribution: q_uniform` and without `step`")
        if self.distribution == "log_uniform_values" and self.step is not None:
            raise ValueError("a log distribution takes no step; list the `values` instead")
        if self.spacing is not None and self.spacing > self.max - self.min:
            raise ValueError(f"a step of {self.spacing} is wider than the range")
        return self


class OneOf(_Section):
    """A parameter searched among listed values: `{values: [adamw, sgd]}`."""

    values: Annotated[
        tuple[Scalar | Annotated[tuple[Scalar, ...], LISTS], ...],
        pydantic.Field(min_length=1, strict=False),
    ]
    distribution: Literal["categorical"] = "categorical"

    @pydantic.field_validator("values", mode="before")
    @classmethod
    def _given(cls, values: object) -> object:
        if isinstance(values, list | tuple) and any(value is None for value in values):
            raise ValueError(
                "null is no value of any parameter; write the value that stands for none, such as "
                "0, or leave the parameter out for its default"
            )
        return values

    @pydantic.model_validator(mode="after")
    def _comparable(self) -> "OneOf":
        kinds = {_kind(value) for value in self.values}
        if len(kinds - {"lists"}) > 1 or (kinds & {"lists"} and kinds & {"texts", "true or false"}):
            raise ValueError(f"values must be of one kind, found {' and '.join(sorted(kinds))}")
        if len(set(self.values)) != len(self.values):
            raise ValueError(f"values must differ, found {list(self.values)}")
        return self


class _Fixed(_Section):
    """A parameter that is not searched: `{value: 64}`, the same as `64`."""

    value: Scalar | Annotated[tuple[Scalar, ...], LISTS]
    distribution: Literal["constant"] = "constant"


def _form(given: object) -> str | None:
    """Which form of a setting was meant."""
    if isinstance(given, Between | OneOf):
        return "a range" if isinstance(given, Between) else "listed values"
    if _is_mapping(given):
        if "values" in given:
            return "listed values"
        if "value" in given:
            return "a fixed value"
        return "a range" if {"min", "max"} & set(given) else None
    if isinstance(given, list | tuple):
        return "a list"
    return "a value" if isinstance(given, bool | int | float | str) else None


Setting: TypeAlias = Annotated[
    Annotated[Scalar, pydantic.Tag("a value")]
    | Annotated[tuple[Scalar, ...], LISTS, pydantic.Tag("a list")]
    | Annotated[Between, pydantic.Tag("a range")]
    | Annotated[OneOf, pydantic.Tag("listed values")]
    | Annotated[
        _Fixed, pydantic.AfterValidator(lambda given: given.value), pydantic.Tag("a fixed value")
    ],
    pydantic.Discriminator(
        _form,
        custom_error_type="setting",
        custom_error_message="Write a value, {value: x}, {values: [x, y]} or {min: a, max: b, "
        "distribution: uniform}, or leave the parameter out for its default",
    ),
]
"""A parameter in the study file: fixed, or searched in a range or among listed values."""
Settings: TypeAlias = Mapping[Name, Setting]


def _is_mapping(given: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(given, Mapping)


def _kind(value: object) -> str:
    if isinstance(value, tuple):
        return "lists"
    if isinstance(value, bool):
        return "true or false"
    return "texts" if isinstance(value, str) else "numbers"


class BackboneChoice(_Section):
    """The backbone by name, its parameters fixed or searched."""

    name: Name
    parameters: dict[Name, Setting] = {}


class PolicyChoice(_Section):
    """The exit policy; it is applied post hoc and never searched."""

    name: Name = "max_softmax"
    parameters: dict[Name, Scalar] = {}


class Thresholds(_Section):
    """How exit thresholds are chosen: from the exact table post hoc, or sampled by Optuna."""

    selection: Literal["post_hoc", "sampled"] = "post_hoc"
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


class Metric(_Section):
    """One objective, computed on the validation split; in a regression, accuracy is the mean R²."""

    name: Literal[
        "accuracy",
        "cost",
        "hypervolume",
        "best_accuracy",
        "accuracy_at_25",
        "accuracy_at_50",
        "accuracy_at_75",
    ]
    goal: Literal["maximize", "minimize"]


def _default_baseline(fields: dict[str, object]) -> str:
    regimes = fields.get("regimes")
    names = list(regimes) if isinstance(regimes, Mapping) else []
    return "joint" if "joint" in names or not names else str(names[0])


class StudySpec(_Section):
    """A whole study file."""

    name: Name
    description: str
    expected_duration: str
    split: Name = pydantic.Field(description="a split of params.yaml")
    backbone: BackboneChoice
    training: dict[Name, Setting] = {}
    regimes: Annotated[dict[Name, dict[Name, Setting]], pydantic.Field(min_length=1)]
    baseline: Name = pydantic.Field(
        default_factory=_default_baseline,
        description="regime that all others are compared with; by default joint, "
        "or the first regime of a study without it",
    )
    policy: PolicyChoice = PolicyChoice()
    thresholds: Thresholds = Thresholds()
    metrics: Annotated[tuple[Metric, ...], pydantic.Field(min_length=1, strict=False)] = (
        Metric(name="accuracy_at_25", goal="maximize"),
        Metric(name="accuracy_at_75", goal="maximize"),
    )
    method: Literal["tpe", "nsga2", "gp", "random", "grid"] = "tpe"
    startup: int = pydantic.Field(
        5, ge=1, description="random configurations per regime before tpe or gp models the results"
    )
    population: int = pydantic.Field(
        10, ge=2, description="configurations per generation of nsga2, of each regime"
    )
    seeds: Annotated[tuple[Seed, ...], pydantic.Field(min_length=1, strict=False)] = (0,)
    run_cap: int = pydantic.Field(
        ge=1, le=1_000_000, description="most trials (networks trained) in all"
    )
    time_cap_minutes: float | None = pydantic.Field(None, gt=0, description="per launch")
    window: int = pydantic.Field(
        8,
        ge=1,
        description="configurations proposed ahead of the last one reported; at least the workers. "
        "Part of the study, so that proposals do not depend on the speed of workers.",
    )

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
            raise ValueError(f"baseline: {self.baseline} is not one of the regimes ({known})")
        return self

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The objectives, in the order in which their values are reported to Optuna."""
        return tuple(metric.name for metric in self.metrics)

    def identity(self) -> dict[str, pydantic.JsonValue]:
        """All that proposals and results depend on: without budgets, baseline and descriptions."""
        left_out = {
            "description", "expected_duration", "run_cap", "time_cap_minutes", "baseline",
        }  # fmt: skip
        plain: dict[str, pydantic.JsonValue] = self.model_dump(mode="json", exclude=left_out)
        return plain
