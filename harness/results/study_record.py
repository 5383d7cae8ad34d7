"""A study's record, `study.json` and `configurations.jsonl`: spec, data, state, configurations.

The launcher writes both; `status`, `frontier`, `compare` and `report` read them, so that none of
them needs Optuna. Configurations are derived from Optuna's storage, a line each as they are
recorded; each launch rewrites them from it.
"""

from pathlib import Path
from typing import Literal, TypeAlias

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.files import write_text
from harness.core.manifest import Manifest
from harness.core.records import Record, write_record
from harness.core.result_format import current_format, read_current
from harness.core.study_spec import StudySpec
from harness.core.types import SCORES
from harness.results.launch_lock import is_launched

RECORD, CONFIGURATIONS, JOURNAL = "study.json", "configurations.jsonl", "optuna.journal"
State: TypeAlias = Literal["running", "done", "interrupted", "out of time", "failed"]
"""failed: some trials ended in an error that is not their own; the next launch takes them up."""


class Configuration(Record):
    """A configuration that Optuna proposed, and its objectives or why it failed.

    Attributes
    ----------
    number
        Position in the study, from 0, over all regimes.
    keys
        Keys of its trials: one per seed and static network.
    thresholds
        The searched thresholds, or None where the exact table finds them post hoc.
    objectives
        Values reported to Optuna, in the order of the study's metrics; None when it failed.
    reason
        Why it failed.
    """

    number: int
    regime: str
    parameters: dict[str, bool | int | float | str]
    keys: tuple[str, ...]
    thresholds: tuple[float, ...] | None
    objectives: tuple[float, ...] | None
    reason: str | None = None


class Reference(Record):
    """The point that hypervolumes are measured against (docs/methods.md, "Reference point").

    Attributes
    ----------
    macs
        MACs of the largest full static network in the study: relative cost 1.
    score
        Validation accuracy of always predicting the majority class; for regression 0, the R^2 of
        always predicting the training mean.
    rmse
        Root mean squared error of always predicting the training mean, on the training part, in
        the target's own unit (1 where there are several, which are standardised): an R^2 in this
        study is an RMSE of rmse * sqrt(1 - R^2). None for classification.
    """

    macs: float
    score: float
    rmse: float | None = None


class StudyRecord(Record):
    """A study, the data it runs on, and its configurations so far.

    Attributes
    ----------
    planned
        Trials (networks) in all.
    superseded
        Whether trials of an earlier study of this name may lie beside its own.
    versions
        Library name to version, of the newest launch.
    sources
        Plug-in ("regime joint", say) to the digest of its code, of all that proposals and results
        depend on.
    format
        Result format (`harness.core.result_format`).
    """

    spec: StudySpec
    manifest: Manifest
    reference: Reference
    planned: int
    state: State
    versions: dict[str, str]
    superseded: bool = False
    sources: dict[str, str]
    format: int = pydantic.Field(default_factory=current_format)
    configurations: tuple[Configuration, ...] = pydantic.Field((), exclude=True)

    @property
    def name(self) -> str:
        """The study's name."""
        return self.spec.name

    @property
    def score(self) -> str:
        """Name of the mean score in tables: accuracy, or r2 for a regression."""
        return SCORES[self.manifest.task]

    @property
    def measure(self) -> str:
        """Name of the score that people read: accuracy, or rmse for a regression."""
        return "accuracy" if self.reference.rmse is None else "rmse"

    @property
    def caption(self) -> str:
        """Caption of every figure: study, data, split, seeds, digest and exit policy."""
        return (
            f"study {self.name} · {self.manifest.provenance} · split {self.spec.split} · "
            f"seeds {list(self.spec.seeds)} · data digest {self.manifest.digest[:12]} · "
            f"policy {self.spec.policy.name}"
        )

    def identity(self) -> dict[str, pydantic.JsonValue]:
        """All that may not change while a study goes on: file, data, plug-ins' code, format."""
        return {
            **self.spec.identity(),
            "data digest": self.manifest.digest,
            **{f"code of {plugin}": digest for plugin, digest in self.sources.items()},
            "format": self.format,
        }

    def succeeded(self) -> tuple[Configuration, ...]:
        """Configurations with objectives."""
        return tuple(c for c in self.configurations if c.objectives is not None)

    def failed(self) -> tuple[Configuration, ...]:
        """Configurations that failed."""
        return tuple(c for c in self.configurations if c.objectives is None)


def write_study_record(study_folder: Path, record: StudyRecord) -> None:
    """Write the record and its configurations, each file atomically."""
    lines = "".join(f"{each.model_dump_json()}\n" for each in record.configurations)
    write_text(study_folder / CONFIGURATIONS, lines)
    write_record(study_folder / RECORD, record)


def append_configuration(study_folder: Path, configuration: Configuration) -> None:
    """Append one configuration to those written."""
    with (study_folder / CONFIGURATIONS).open("a", encoding="utf-8") as stream:
        stream.write(f"{configuration.model_dump_json()}\n")


def read_study_record(study_folder: Path) -> StudyRecord:
    """Read a study's record; raises InputError when a file is missing or damaged.

    A study that no launch holds is not running: that launch was killed.
    """
    none = "no such study; `harness launch` makes it"
    remedy = "`harness launch` the study with --restart"
    record = read_current(study_folder / RECORD, StudyRecord, remedy, none)
    path = study_folder / CONFIGURATIONS
    try:
        # A line without an end is still being written.
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        found = tuple(Configuration.model_validate_json(line) for line in lines)
    except FileNotFoundError:
        raise InputError(f"{path}: {none}") from None
    except pydantic.ValidationError as error:
        raise InputError(explain(error, str(path))) from None
    gone = record.state == "running" and not is_launched(study_folder)
    state = "interrupted" if gone else record.state
    return record.model_copy(update={"configurations": found, "state": state})


def read_finished(study_folder: Path) -> StudyRecord:
    """The record of a study that has results; raises InputError when it has none."""
    record = read_study_record(study_folder)
    if not record.succeeded():
        raise InputError(
            f"{study_folder}: no configuration has a result yet (state: {record.state})"
        )
    return record
