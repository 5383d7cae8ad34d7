"""`results/<study>/study.json`: what a study is and how far it has come, as plain data.

The launcher writes it; `status`, `frontier`, `compare` and `report` read it, so that none of them
needs Optuna or the plug-ins.
"""

from pathlib import Path
from typing import Literal, TypeAlias

import pydantic

from harness.core.errors import InputError
from harness.core.files import write_text
from harness.core.parameters import explain
from harness.core.types import Task

RECORD, JOURNAL = "study.json", "optuna.journal"
State: TypeAlias = Literal["running", "done", "interrupted", "out of time"]


class _Frozen(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


class Configuration(_Frozen):
    """One configuration that Optuna proposed and what became of it.

    Attributes
    ----------
    number
        Position in the study, from 0, over all regimes.
    keys
        Keys of its trials: one per seed and static network.
    thresholds
        The searched thresholds, or None where the exact table finds them post hoc.
    told
        What Optuna was told, in the order of the study's metrics; None when it failed.
    reason
        Why it failed.
    """

    number: int
    regime: str
    parameters: dict[str, bool | int | float | str]
    keys: tuple[str, ...]
    thresholds: tuple[float, ...] | None
    told: tuple[float, ...] | None
    reason: str | None = None


class Reference(_Frozen):
    """The point that hypervolumes are measured against (METHODS section 5).

    Attributes
    ----------
    macs
        MACs of the largest full static network in the study: relative cost 1.
    accuracy
        Validation accuracy of always predicting the majority class; for regression 0, the R^2 of
        always predicting the training mean.
    rmse
        Root mean squared error of always predicting the training mean, on the training part, in
        the target's own unit (1 where there are several, which are standardised): an R^2 in this
        study is an RMSE of rmse * sqrt(1 - R^2). None for classification.
    """

    macs: float
    accuracy: float
    rmse: float | None = None


class StudyRecord(_Frozen):
    """A study's identity, its data's provenance and its configurations so far."""

    name: str
    description: str
    spec: dict[str, pydantic.JsonValue]
    split: str
    digest: str
    task: Task = "classification"
    data: dict[str, pydantic.JsonValue]
    provenance: str
    reference: Reference
    metrics: tuple[str, ...]
    policy: str
    policy_parameters: dict[str, bool | int | float | str]
    levels: int | None
    planned: int
    state: State
    versions: dict[str, str]
    configurations: tuple[Configuration, ...] = ()

    def failed(self) -> tuple[Configuration, ...]:
        """Configurations that gave no result."""
        return tuple(c for c in self.configurations if c.told is None)


def write(study_folder: Path, record: StudyRecord) -> None:
    """Write the record atomically."""
    write_text(study_folder / RECORD, record.model_dump_json(indent=1) + "\n")


def read(study_folder: Path) -> StudyRecord:
    """Read a study's record; raises InputError when it is missing or damaged."""
    path = study_folder / RECORD
    try:
        return StudyRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such study; `harness launch` makes it") from None
    except pydantic.ValidationError as error:
        raise InputError(explain(error, str(path))) from None
