"""A study's record, `study.json` and `configurations.jsonl`: spec, data, state, configurations.

The launcher writes both; other commands read them, so that none of them needs Optuna.
Configurations are derived from Optuna's storage, a line each; each launch rewrites them from it.
"""

import contextlib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import pydantic

from harness.core.errors import DataError, InputError
from harness.core.files import content_key, read_bytes, write_text
from harness.core.manifest import Manifest
from harness.core.records import (
    Record,
    append_record,
    parsed_lines,
    read_record_lines,
    record_lines,
    write_record,
)
from harness.core.result_format import current_format, read_current
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import Device, TrainedOn
from harness.core.types import SCORES
from harness.results.configurations_digest import configurations_digest
from harness.results.fresh_seeds import FreshSeeds
from harness.results.growth import Growth, added_seeds
from harness.results.launch_lock import is_launched
from harness.results.remedies import begun_anew, recorded_again
from harness.results.screened import Screened

RECORD, CONFIGURATIONS, JOURNAL = "study.json", "configurations.jsonl", "optuna.journal"
State: TypeAlias = Literal["running", "done", "interrupted", "out of time", "failed"]
"""failed: some trials ended in an error that is not their own; the next launch takes them up."""


class Configuration(Record):
    """A configuration that Optuna proposed, and its objectives or why it failed.

    Attributes
    ----------
    number
        Position in the study, from 0, over all regimes and searches.
    search
        Which of the study's independent searches it belongs to, from 0.
    keys
        Keys of its trials: one per seed and static network.
    thresholds
        The searched thresholds, or None where the exact table finds them post hoc.
    objectives
        Values reported to Optuna, in the order of the study's metrics; None when it failed.
    reason
        Why it failed.
    sampler
        What Optuna's sampler keeps with it for the proposals that follow.
    screened
        How far it was trained, where the study trains only the better ones in full.
    """

    number: int
    regime: str
    parameters: dict[str, bool | int | float | str]
    keys: tuple[str, ...]
    thresholds: tuple[float, ...] | None
    objectives: tuple[float, ...] | None
    reason: str | None = None
    sampler: dict[str, pydantic.JsonValue] = pydantic.Field({})
    search: int = 0
    screened: Screened | None = pydantic.Field(None, exclude_if=lambda found: found is None)


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

    The confirmation of a study has a record of its own, below the study's folder.

    Attributes
    ----------
    planned
        Trials (networks) in all.
    superseded
        Whether trials of an earlier study of this name may lie beside its own.
    versions
        Library to the versions that its trials were trained with and its configurations recorded
        with: several where a study went on in another environment.
    recorded
        Configurations that there were when the record was written: their file holds no fewer.
    sources
        Plug-in ("regime joint", say) to the digest of its code, of all that proposals and results
        depend on.
    format
        Result format (`harness.core.result_format`).
    fresh
        Of a confirmation: its seeds, which are those of `spec`, too.
    device
        Kind of the device that its trials are trained on.
    imported
        Whether its networks were trained elsewhere: harness has their outputs alone.
    growth
        What it consisted of before it was given regimes or seeds, in order of number.
    stopped
        For how many configurations per regime its hypervolume has not grown, where it ended so.
    """

    spec: StudySpec
    manifest: Manifest
    reference: Reference
    planned: int
    state: State
    versions: dict[str, tuple[str, ...]]
    sources: dict[str, str]
    recorded: int = 0
    superseded: bool = False
    fresh: FreshSeeds | None = None
    device: Device = "cpu"
    imported: bool = False
    growth: tuple[Growth, ...] = ()
    stopped: int | None = pydantic.Field(None, exclude_if=lambda found: found is None)
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
        seeds = f"seeds {list(self.spec.seeds)}"
        if self.fresh is not None:
            drawn = "drawn anew with each of the " if self.fresh.resplit else ""
            seeds = f"{drawn}fresh {seeds}"
        return (
            f"study {self.name} · {self.manifest.provenance} · split {self.spec.split} · "
            f"{seeds} · data digest {self.data_digest[:12]} · policy {self.spec.policy.name}"
            f"{self._several_versions}"
        )

    @property
    def data_digest(self) -> str:
        """Digest of the data: of all splits together where each seed draws its own."""
        if self.fresh is None or not self.fresh.resplit:
            return self.manifest.digest
        return content_key([*sorted(self.fresh.digests.values())], length=32)

    @property
    def trained_on(self) -> TrainedOn:
        """What its trials are trained on."""
        return TrainedOn(
            self.manifest.digest, self.device, self.manifest.shape, added_seeds(self.growth)
        )

    @property
    def _several_versions(self) -> str:
        """Libraries whose version is not the same in all trials, in words."""
        several = {name: found for name, found in self.versions.items() if len(found) > 1}
        return "".join(f" · {name} {', '.join(found)}" for name, found in several.items())

    def identity(self) -> dict[str, pydantic.JsonValue]:
        """All that may not change while a study goes on: file, data, code, format, reference."""
        return {
            **self.spec.identity(),
            "data digest": self.manifest.digest,
            "reference": self.reference.model_dump(mode="json"),
            **{f"code of {plugin}": digest for plugin, digest in self.sources.items()},
            "device": self.device,
            "format": self.format,
        }

    def units(self) -> dict[int, int]:
        """Unit of each seed, of what varies independently: its search where there are several."""
        if self.fresh is None or len(self.fresh.searches) == 1:
            return {seed: seed for seed in self.spec.seeds}
        each = enumerate(self.fresh.searches)
        return {seed: search for search, seeds in each for seed in seeds}

    def recorded_digest(self) -> str:
        """Digest of the recorded configurations, of all that tables depend on."""
        return configurations_digest(self.configurations)

    def seen_with(self, environment: Mapping[str, str]) -> "StudyRecord":
        """The record with the versions of one more environment."""
        versions = dict(self.versions)
        for name, version in environment.items():
            versions[name] = tuple(sorted({*versions.get(name, ()), version}))
        return self.model_copy(update={"versions": versions})

    def succeeded(self) -> tuple[Configuration, ...]:
        """Configurations with objectives."""
        return tuple(c for c in self.configurations if c.objectives is not None)

    def failed(self) -> tuple[Configuration, ...]:
        """Configurations that failed."""
        return tuple(c for c in self.configurations if c.objectives is None)


def write_study_record(study_folder: Path, record: StudyRecord) -> None:
    """Write the record and its configurations, each file atomically."""
    write_text(study_folder / CONFIGURATIONS, record_lines(record.configurations))
    recorded = len(record.configurations)
    write_record(study_folder / RECORD, record.model_copy(update={"recorded": recorded}))


def append_configuration(study_folder: Path, configuration: Configuration) -> None:
    """Append one configuration to those written."""
    append_record(study_folder / CONFIGURATIONS, configuration)


def read_study_record(study_folder: Path) -> StudyRecord:
    """Read a study's record. A study that no launch holds is not running: its launch was killed.

    Raises
    ------
    DataError
        A file is missing or damaged.
    InputError
        A file may not be read, or is of another format.
    """
    record = read_header(study_folder)
    path, remedy = study_folder / CONFIGURATIONS, recorded_again(study_folder)
    found = _parsed(read_bytes(path, f"no such file; {remedy}"), path, remedy)
    if [each.number for each in found] != list(range(len(found))):
        raise DataError(f"{path}: its configurations are not numbered from 0 on; {remedy}")
    if len(found) < record.recorded:
        raise DataError(
            f"{path}: it holds {len(found)} of {record.recorded} configurations; {remedy}"
        )
    gone = record.state == "running" and not is_launched(study_folder)
    ended = {"state": "interrupted"} if gone else {}
    return record.model_copy(update={"configurations": found, **ended})


@functools.lru_cache(maxsize=2)  # a study's and its confirmation's: each table is checked by them
def _parsed(content: bytes, path: Path, remedy: str) -> tuple[Configuration, ...]:
    return tuple(parsed_lines(content, Configuration, path, remedy))


def read_header(study_folder: Path) -> StudyRecord:
    """A study's record without its configurations; errors as in `read_study_record`."""
    path, remedy = study_folder / RECORD, recorded_again(study_folder)
    none = "no such study; `harness launch` makes it"
    return read_current(path, StudyRecord, begun_anew(study_folder), none, remedy)


def whole_configurations(study_folder: Path) -> tuple[Configuration, ...]:
    """The configurations before the first damaged line: all of them in a file that is whole."""
    found: list[Configuration] = []
    with contextlib.suppress(DataError):  # what follows a damaged line was proposed knowing it
        for each in read_record_lines(study_folder / CONFIGURATIONS, Configuration):
            if each.number != len(found):
                break
            found.append(each)
    return tuple(found)


def read_finished(study_folder: Path) -> StudyRecord:
    """The record of a study that has results; raises InputError when it has none."""
    record = read_study_record(study_folder)
    if not record.succeeded():
        raise InputError(
            f"{study_folder}: no configuration has a result yet (state: {record.state})"
        )
    return record
