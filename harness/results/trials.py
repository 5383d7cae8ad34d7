"""Trial folders: `results/<study>/trials/<key>/`, written whole or not at all.

A folder holds `spec.json`, `trial.json` (costs, seconds, versions), `curve.csv`, `weights.npz`,
`validation.npz` and `test.npz`. Reading the last one is `harness.results.sealed`'s alone.
"""

import contextlib
import io
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from harness.core import trial_spec
from harness.core.errors import InputError
from harness.core.files import Json, read_json, write_json
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitCosts, ExitLogits, Weights


@dataclass(frozen=True)
class TrialResult:
    """What a trial leaves behind, its test logits apart.

    Attributes
    ----------
    validation
        Logits of all exits on the validation part.
    curve
        One row per epoch, numeric columns only.
    seconds
        Wall time of the training; not part of what must repeat.
    versions
        Library name to version.
    """

    spec: TrialSpec
    validation: ExitLogits
    costs: ExitCosts
    curve: pd.DataFrame
    seconds: float
    versions: dict[str, str]


def trial_folder(study_folder: Path, key: str) -> Path:
    """Where the result of one key lies."""
    return study_folder / "trials" / key


def has_result(study_folder: Path, key: str) -> bool:
    """Whether a key is done: folders appear whole, by rename."""
    return trial_folder(study_folder, key).is_dir()


def stored_keys(study_folder: Path) -> tuple[str, ...]:
    """Keys of all stored results, sorted."""
    folder = study_folder / "trials"
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")))


def write(study_folder: Path, result: TrialResult, weights: Weights, test: ExitLogits) -> None:
    """Write one trial folder atomically; an existing result of the same key is kept."""
    folder = trial_folder(study_folder, result.spec.key)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{result.spec.key}."))
    try:
        write_json(temporary / "spec.json", trial_spec.to_json(result.spec))
        write_json(temporary / "trial.json", _facts(result))
        result.curve.to_csv(temporary / "curve.csv", index=False)
        np.savez(temporary / "weights.npz", allow_pickle=False, **weights)
        write_logits(temporary / "validation.npz", result.validation)
        write_logits(temporary / "test.npz", test)
        temporary.chmod(0o755)
        with contextlib.suppress(FileExistsError):
            if not folder.exists():
                temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def read(study_folder: Path, key: str) -> TrialResult:
    """Read one trial folder without its test logits.

    Raises
    ------
    InputError
        A file is missing or damaged, or the folder's spec does not hash to its name.
    """
    folder = trial_folder(study_folder, key)
    try:
        spec = trial_spec.from_json(cast("dict[str, Json]", read_json(folder / "spec.json")))
        facts = cast("dict[str, Json]", read_json(folder / "trial.json"))
        result = TrialResult(
            spec=spec,
            validation=read_logits(folder / "validation.npz"),
            costs=_costs(cast("dict[str, Json]", facts["costs"])),
            curve=read_curve(study_folder, key),
            seconds=cast(float, facts["seconds"]),
            versions=cast("dict[str, str]", facts["versions"]),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise InputError(f"{folder}: not a readable trial result ({error!r})") from None
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


def write_failure(study_folder: Path, spec: TrialSpec, reason: str) -> None:
    """Remember why a trial has no result, for the log; a later launch may try it again."""
    path = study_folder / "failures" / f"{spec.key}.json"
    write_json(path, {"spec": trial_spec.to_json(spec), "reason": reason})


def read_failure(study_folder: Path, key: str) -> tuple[TrialSpec, str]:
    """The spec of a failed trial and why it failed; raises InputError when none is recorded."""
    plain = cast("dict[str, Json]", read_json(study_folder / "failures" / f"{key}.json"))
    return trial_spec.from_json(cast("dict[str, Json]", plain["spec"])), cast(str, plain["reason"])


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


def _facts(result: TrialResult) -> Json:
    return {
        "costs": {
            "macs": result.costs.macs.tolist(),
            "full": result.costs.full,
            "parameters": result.costs.parameters.tolist(),
        },
        "seconds": result.seconds,
        "versions": cast("dict[str, Json]", result.versions),
    }


def _costs(facts: dict[str, Json]) -> ExitCosts:
    return ExitCosts(
        macs=np.asarray(facts["macs"], dtype=np.float64),
        full=cast(float, facts["full"]),
        parameters=np.asarray(facts["parameters"], dtype=np.int64),
    )
