"""Trial folders: `results/<study>/trials/<key>/`, written whole or not at all.

A folder holds `spec.json`, `trial.json` (costs, seconds, versions), `curve.csv`, `weights.npz`,
`validation.npz`, `test.npz` and, for a split with such a part, `calibration.npz`. Reading
`test.npz` is `harness.results.sealed`'s alone.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from harness.core.arrays import read_arrays
from harness.core.errors import DataError
from harness.core.files import atomic_folder, discard, file_digest
from harness.core.records import Record, read_record, write_record
from harness.core.result_format import current_format, read_current, stored_format
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitCosts, ExitLogits, Weights
from harness.results.absent import TRIALS_FOLDER, check_outputs
from harness.results.outputs import read_logits, write_logits
from harness.results.remedies import begun_anew, trained_again
from harness.results.tabular import read_table

FILES = (
    "spec.json",
    "trial.json",
    "curve.csv",
    "weights.npz",
    "validation.npz",
    "test.npz",
    "calibration.npz",
)
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
        One row per epoch, numeric columns only.
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
    """Contents of `trial.json`: costs, seconds and versions of a `TrialResult`.

    Attributes
    ----------
    curve
        SHA-256 of `curve.csv`; the other files are archives with checksums, or hash to the key.
    calibration
        Whether the folder holds outputs of a calibration part.
    """

    costs: StoredCosts
    seconds: float
    versions: dict[str, str]
    curve: str
    calibration: bool = False


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
        path = trial_folder(study_folder, key) / "test.npz"
        if len(read_logits(path).values) != len(result.validation.values):
            return f"{path}: its exits are not those of validation.npz"
    except DataError as error:
        return str(error)
    return None


def set_aside_damaged(study_folder: Path) -> dict[str, str]:
    """Move all damaged trial folders to `damaged/`; returns their keys and what is wrong.

    Trials of another format are none of this version's, and stay.
    """
    specs = {
        key: trial_folder(study_folder, key) / "spec.json" for key in stored_keys(study_folder)
    }
    own = [key for key, path in specs.items() if stored_format(path) in (None, current_format())]
    found = {key: fault_of(study_folder, key) for key in own}
    damaged = {key: fault for key, fault in found.items() if fault is not None}
    for key in damaged:
        target = study_folder / DAMAGED / key
        discard(target)
        target.parent.mkdir(exist_ok=True)
        trial_folder(study_folder, key).rename(target)
    return damaged


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
    with atomic_folder(trial_folder(study_folder, result.spec.key)) as temporary:
        write_record(temporary / "spec.json", result.spec)
        result.curve.to_csv(temporary / "curve.csv", index=False)
        facts = TrialFacts(
            costs=StoredCosts.of(result.costs),
            seconds=result.seconds,
            versions=result.versions,
            curve=file_digest(temporary / "curve.csv"),
            calibration=result.calibration is not None,
        )
        write_record(temporary / "trial.json", facts)
        np.savez(temporary / "weights.npz", allow_pickle=False, **weights)
        write_logits(temporary / "validation.npz", result.validation)
        if result.calibration is not None:
            write_logits(temporary / "calibration.npz", result.calibration)
        write_logits(temporary / "test.npz", test)


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
    folder = trial_folder(study_folder, key)
    path, remedy = folder / "spec.json", trained_again(study_folder)
    spec = read_current(
        path, TrialSpec, begun_anew(study_folder), f"no such file; {remedy}", remedy
    )
    if spec.key != key:
        raise DataError(f"{path}: its key is {spec.key}, the folder is named {key}; {remedy}")
    facts = _facts(study_folder, key)
    validation = read_logits(folder / "validation.npz")
    exits = {len(validation.values), len(facts.costs.macs), len(facts.costs.parameters)}
    if len(exits) > 1:
        raise DataError(
            f"{folder / 'trial.json'}: its exits are not those of validation.npz; {remedy}"
        )
    return TrialResult(
        spec=spec,
        validation=validation,
        costs=facts.costs.loaded(),
        curve=read_curve(study_folder, key),
        seconds=facts.seconds,
        versions=facts.versions,
        calibration=read_logits(folder / "calibration.npz") if facts.calibration else None,
    )


def read_versions(study_folder: Path, key: str) -> dict[str, str]:
    """The libraries that a trial ran with, by name; errors as in `read_trial`."""
    return _facts(study_folder, key).versions


def read_curve(study_folder: Path, key: str) -> pd.DataFrame:
    """One row per epoch of one trial; errors as in `read_trial`."""
    check_outputs(study_folder)
    path, remedy = trial_folder(study_folder, key) / "curve.csv", trained_again(study_folder)
    curve = read_table(path, remedy)
    if file_digest(path) != _facts(study_folder, key).curve:
        raise DataError(f"{path}: not the curve that was written; {remedy}")
    return curve


def _facts(study_folder: Path, key: str) -> TrialFacts:
    path, remedy = trial_folder(study_folder, key) / "trial.json", trained_again(study_folder)
    return read_record(path, TrialFacts, f"no such file; {remedy}", remedy)


def keep_only(study_folder: Path, keys: Collection[str]) -> None:
    """Delete the results of all other trials, and what was set aside."""
    for key in set(stored_keys(study_folder)) - set(keys):
        discard(trial_folder(study_folder, key))
    discard(study_folder / DAMAGED)


def read_weights(study_folder: Path, key: str) -> Weights:
    """The trained network's parameters; errors as in `read_trial`."""
    check_outputs(study_folder)
    path = trial_folder(study_folder, key) / "weights.npz"
    return cast("Weights", read_arrays(path, "weights", trained_again(study_folder)))
