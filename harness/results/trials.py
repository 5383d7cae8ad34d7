"""Trial folders: `results/<study>/trials/<key>/`, written whole or not at all.

A folder holds `spec.json`, `trial.json` (costs, seconds, versions), `curve.csv`, `weights.npz`,
`validation.npz`, `test.npz` and, for a split with such a part, `calibration.npz`. Reading
`test.npz` is `harness.results.sealed`'s alone.
"""

import io
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.errors import InputError
from harness.core.files import atomic_folder
from harness.core.records import Record, read_record, write_record
from harness.core.result_format import read_current
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitCosts, ExitLogits, Weights

_OTHER_FORMAT = "`harness launch` its study with --restart, which trains it anew"


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
    calibration
        Whether the folder holds outputs of a calibration part.
    """

    costs: StoredCosts
    seconds: float
    versions: dict[str, str]
    calibration: bool = False


def trial_folder(study_folder: Path, key: str) -> Path:
    """Folder of the result of one key."""
    return study_folder / "trials" / key


def has_result(study_folder: Path, key: str) -> bool:
    """Whether a key has a result: folders appear whole, by rename."""
    return trial_folder(study_folder, key).is_dir()


def stored_keys(study_folder: Path) -> tuple[str, ...]:
    """Keys of all stored results, sorted."""
    folder = study_folder / "trials"
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")))


def write_trial(
    study_folder: Path, result: TrialResult, weights: Weights, test: ExitLogits
) -> None:
    """Write one trial folder atomically; an existing result of the same key is kept."""
    with atomic_folder(trial_folder(study_folder, result.spec.key)) as temporary:
        write_record(temporary / "spec.json", result.spec)
        costs = StoredCosts.of(result.costs)
        facts = TrialFacts(
            costs=costs,
            seconds=result.seconds,
            versions=result.versions,
            calibration=result.calibration is not None,
        )
        write_record(temporary / "trial.json", facts)
        result.curve.to_csv(temporary / "curve.csv", index=False)
        np.savez(temporary / "weights.npz", allow_pickle=False, **weights)
        write_logits(temporary / "validation.npz", result.validation)
        if result.calibration is not None:
            write_logits(temporary / "calibration.npz", result.calibration)
        write_logits(temporary / "test.npz", test)


def read_trial(study_folder: Path, key: str) -> TrialResult:
    """Read one trial folder without its test logits.

    Raises
    ------
    InputError
        A file is missing or damaged, or the folder's spec does not hash to its name.
    """
    folder = trial_folder(study_folder, key)
    spec = read_current(folder / "spec.json", TrialSpec, _OTHER_FORMAT)
    facts = read_record(folder / "trial.json", TrialFacts)
    result = TrialResult(
        spec=spec,
        validation=read_logits(folder / "validation.npz"),
        costs=facts.costs.loaded(),
        curve=read_curve(study_folder, key),
        seconds=facts.seconds,
        versions=facts.versions,
        calibration=read_logits(folder / "calibration.npz") if facts.calibration else None,
    )
    if spec.key != key:
        raise InputError(f"{folder}: its spec has the key {spec.key}, the folder is named {key}")
    return result


def read_curve(study_folder: Path, key: str) -> pd.DataFrame:
    """One row per epoch of one trial; raises InputError when the file is missing or damaged."""
    path = trial_folder(study_folder, key) / "curve.csv"
    try:
        return pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: not a readable curve ({error!r})") from None


def keep_only(study_folder: Path, keys: Collection[str]) -> None:
    """Delete the results of all other trials."""
    for key in set(stored_keys(study_folder)) - set(keys):
        shutil.rmtree(trial_folder(study_folder, key))


def write_logits(path: Path, logits: ExitLogits) -> None:
    """Write logits [E, N, K], labels [N] and any gates [E, N] as an uncompressed npz file."""
    gates = {} if logits.gates is None else {"gates": logits.gates}
    np.savez(path, allow_pickle=False, values=logits.values, labels=logits.labels, **gates)


def read_logits(path: Path) -> ExitLogits:
    """Read what `write_logits` wrote; raises InputError when the file is missing or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return ExitLogits(arrays["values"], arrays["labels"], arrays.get("gates"))
    except Exception as error:
        raise InputError(f"{path}: not readable logits ({error!r})") from None


def read_weights(study_folder: Path, key: str) -> Weights:
    """The trained network's parameters; raises InputError when they are missing or damaged."""
    path = trial_folder(study_folder, key) / "weights.npz"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return dict(arrays)
    except Exception as error:
        raise InputError(f"{path}: not readable weights ({error!r})") from None
