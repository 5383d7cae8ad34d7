"""Settings of a study file: how a parameter is fixed or searched, in the forms of W&B's sweeps."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, TypeGuard

import pydantic
from pydantic_core import PydanticCustomError

from harness.core.faults import unknown_name

Scalar: TypeAlias = bool | int | float | str
Name: TypeAlias = Annotated[
    str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)
]
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows a dot."""


def _folder_name(name: str) -> str:
    if _DEVICES.fullmatch(name) or name.endswith("."):
        raise ValueError(f"{name!r} cannot be the name of a folder everywhere; choose another")
    return name


FolderName: TypeAlias = Annotated[Name, pydantic.AfterValidator(_folder_name)]
"""A name that is a folder's as well, on every system that results may be copied to."""
MOST_LISTED, MOST_STEPS = 256, 2**53
"""Most values of a list, each of which is tried out before training, and of steps in a range."""
LISTS = pydantic.Field(strict=False)
"""Of a tuple: a list is taken for one, its values are strict all the same."""


class Section(pydantic.BaseModel):
    """A frozen section of a study file that refuses unknown keys and converts no value."""

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


class Between(Section):
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
        if math.isinf(self.max - self.min):
            raise ValueError(f"the range from {self.min} to {self.max} is too wide to draw from")
        if self.spacing is not None and self.spacing > self.max - self.min:
            raise ValueError(f"a step of {self.spacing} is wider than the range")
        if self.spacing is not None and (self.max - self.min) / self.spacing > MOST_STEPS:
            raise ValueError(f"a step of {self.spacing} is too small to be told from none")
        return self


class OneOf(Section):
    """A parameter searched among listed values: `{values: [adamw, sgd]}`."""

    values: Annotated[
        tuple[Scalar | Annotated[tuple[Scalar, ...], LISTS], ...],
        pydantic.Field(min_length=1, max_length=MOST_LISTED, strict=False),
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


class _Fixed(Section):
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
