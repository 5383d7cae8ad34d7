"""Trial folders: `results/<study>/trials/<key>/`, written whole or not at all.

A folder holds `trial.json` (what was trained, costs, seconds, versions), `outputs.npz` (outputs on
validation and, for a split with such a part, on calibration; the learning curve), `weights.npz` and
`test.npz`, which `harness.results.sealed` alone reads.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pydantic

from harness.core.arrays import read_arrays
from harness.core.errors import DataError
from harness.core.files import atomic_folder, discard
from harness.core.records import Record, write_record
from harness.core.result_format import current_format, read_current
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitCosts, ExitLogits, Weights
from harness.results.absent import TRIALS_FOLDER, check_outputs
from harness.results.outputs import (
    CALIBRATION,
    VALIDATION,
    read_logits,
    read_outputs,
    write_logits,
    write_outputs,
)
from harness.results.remedies import begun_anew, trained_again

FILES = (FACTS, OUTPUTS, WEIGHTS, TEST) = ("trial.json", "outputs.npz", "weights.npz", "test.npz")
"""All that a trial's folder may hold."""

DAMAGED = "damaged"
"""Folder of the trials set aside, beside `trials`."""
KEY = re.compile(r"[0-9a-f]{16}")
"""A trial's key, which names its folder."""


@dataclass(frozen=True)
class TrialResult:
    """The result of a trial, without its test logits.

    Attributes
    ----------
    validation
        Logits of all exits on the validation part.
    curve
        One row per epoch, a float64 column per quantity.
    seconds
        Wall time of the training; the only part that need not be reproduced.
    versions
        Library name to version.
    calibration
        Logits of all exits on the calibration part; None where the split has none.
    """

    spec: TrialSpec
    validation: ExitLogits
    costs: ExitCosts
    curve: pd.DataFrame
    seconds: float
    versions: dict[str, str]
    calibration: ExitLogits | None = None

    @property
    def fitting(self) -> ExitLogits:
        """Outputs that guarantees, temperatures and policies are fitted on.

        Those of the calibration part, which chose nothing; of validation where there is none, and
        then no guarantee holds: networks and thresholds were chosen on it.
        """
        return self.validation if self.calibration is None else self.calibration


class StoredCosts(Record):
    """`ExitCosts` as stored in JSON."""

    macs: tuple[float, ...]
    full: float
    parameters: tuple[int, ...]

    @classmethod
    def of(cls, costs: ExitCosts) -> "StoredCosts":
        """The costs to be stored."""
        macs, parameters = costs.macs.tolist(), costs.parameters.tolist()
        return cls(macs=macs, full=costs.full, parameters=parameters)

    def loaded(self) -> ExitCosts:
        """The costs that were stored."""
        macs = np.asarray(self.macs, dtype=np.float64)
        return ExitCosts(macs, self.full, np.asarray(self.parameters, dtype=np.int64))


class TrialFacts(Record):
    """Contents of `trial.json`: what was trained, and what is no array of a `TrialResult`.

    Attributes
    ----------
    curve
        Names of the quantities of the learning curve.
    """

    format: int = pydantic.Field(default_factory=current_format)
    spec: TrialSpec
    costs: StoredCosts
    seconds: float
    versions: dict[str, str]
    curve: tuple[str, ...]


def trial_folder(study_folder: Path, key: str) -> Path:
    """Folder of the result of one key."""
    return study_folder / TRIALS_FOLDER / key


def has_result(study_folder: Path, key: str) -> bool:
    """Whether a key has a result: folders appear whole, by rename."""
    return trial_folder(study_folder, key).is_dir()


def fault_of(study_folder: Path, key: str) -> str | None:
    """What is missing or damaged in a trial's folder; None where all of it can be read.

    The test outputs are checked, not used: their values are `harness.results.sealed`'s alone.

    Raises
    ------
    InputError
        A file may not be read.
    """
    try:
        result = read_trial(study_folder, key)
        read_weights(study_folder, key)
        path = trial_folder(study_folder, key) / TEST
        if len(read_logits(path).values) != len(result.validation.values):
            return f"{path}: its exits are not those of {OUTPUTS}"
    except DataError as error:
        return str(error)
    return None


def stored_keys(study_folder: Path) -> tuple[str, ...]:
    """Keys of all stored results, sorted."""
    folder = study_folder / TRIALS_FOLDER
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")))


def write_trial(
    study_folder: Path, result: TrialResult, weights: Weights, test: ExitLogits
) -> None:
    """Write one trial folder atomically; an existing result of the same key is kept."""
    facts = TrialFacts(
        spec=result.spec,
        costs=StoredCosts.of(result.costs),
        seconds=result.seconds,
        versions=result.versions,
        curve=tuple(map(str, result.curve)),
    )
    parts = {VALIDATION: result.validation, CALIBRATION: result.calibration}
    known = {name: part for name, part in parts.items() if part is not None}
    curve = result.curve.to_numpy(dtype=np.float64)
    with atomic_folder(trial_folder(study_folder, result.spec.key)) as temporary:
        write_record(temporary / FACTS, facts)
        write_outputs(temporary / OUTPUTS, known, curve)
        np.savez(temporary / WEIGHTS, allow_pickle=False, **weights)
        write_logits(temporary / TEST, test)


def read_trial(study_folder: Path, key: str) -> TrialResult:
    """Read one trial folder without its test logits.

    Raises
    ------
    DataError
        A file is missing or damaged, or the folder's spec does not hash to its name; or no trial
        of the study is here.
    InputError
        A file may not be read.
    """
    check_outputs(study_folder)
    folder, remedy = trial_folder(study_folder, key), trained_again(study_folder)
    facts = _facts(study_folder, key)
    if facts.spec.key != key:
        raise DataError(
            f"{folder / FACTS}: its key is {facts.spec.key}, the folder is named {key}; {remedy}"
        )
    parts, curve = read_outputs(folder / OUTPUTS)
    validation = parts[VALIDATION]
    exits = {len(validation.values), len(facts.costs.macs), len(facts.costs.parameters)}
    if len(exits) > 1:
        raise DataError(f"{folder / FACTS}: its exits are not those of {OUTPUTS}; {remedy}")
    if curve.shape[1:] != (len(facts.curve),):
        raise DataError(f"{folder / FACTS}: its curve is not that of {OUTPUTS}; {remedy}")
    return TrialResult(
        spec=facts.spec,
        validation=validation,
        costs=facts.costs.loaded(),
        curve=pd.DataFrame(curve, columns=list(facts.curve)),
        seconds=facts.seconds,
        versions=facts.versions,
        calibration=parts.get(CALIBRATION),
    )


def read_versions(study_folder: Path, key: str) -> dict[str, str]:
    """The libraries that a trial ran with, by name; errors as in `read_trial`."""
    return _facts(study_folder, key).versions


def _facts(study_folder: Path, key: str) -> TrialFacts:
    path, remedy = trial_folder(study_folder, key) / FACTS, trained_again(study_folder)
    other, missing = begun_anew(study_folder), f"no such file; {remedy}"
    return read_current(path, TrialFacts, other, missing, remedy)


def keep_only(study_folder: Path, keys: Collection[str]) -> None:
    """Delete the results of all other trials, and what was set aside."""
    for key in set(stored_keys(study_folder)) - set(keys):
        discard(trial_folder(study_folder, key))
    discard(study_folder / DAMAGED)


def read_weights(study_folder: Path, key: str) -> Weights:
    """The trained network's parameters; errors as in `read_trial`."""
    check_outputs(study_folder)
    path = trial_folder(study_folder, key) / WEIGHTS
    return cast("Weights", read_arrays(path, "weights", trained_again(study_folder)))
