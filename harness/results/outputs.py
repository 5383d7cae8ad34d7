"""Stored outputs of a trial's exits: logits, labels and gates of parts of its split (npz)."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

from harness.core.arrays import read_arrays
from harness.core.errors import DataError, TrialError
from harness.core.types import ExitLogits, Floats, Labels, Logits
from harness.results.remedies import trained_again

VALIDATION, CALIBRATION = "validation", "calibration"
"""Parts of a split whose outputs lie in one file, with the learning curve."""
_CURVE = "curve"
_NEEDED = ("values", "labels")

Arrays: TypeAlias = dict[str, npt.NDArray[np.generic]]


def write_logits(path: Path, logits: ExitLogits) -> None:
    """Write logits [E, N, K], labels [N] and any gates [E, N] as an uncompressed npz file.

    Raises
    ------
    TrialError
        They contain NaN.
    """
    np.savez(path, allow_pickle=False, **_arrays(logits, path.stem))


def read_logits(path: Path) -> ExitLogits:
    """Read what `write_logits` wrote; raises DataError where it is missing or damaged."""
    return _logits(path, read_arrays(path, "logits", _remedy(path), _NEEDED))


def write_outputs(path: Path, parts: Mapping[str, ExitLogits], curve: Floats) -> None:
    """Write outputs on parts of a split, each as `write_logits` does, and a learning curve.

    Parameters
    ----------
    parts
        By name; that of validation must be there.
    curve
        float64 [T, Q]: Q quantities of T epochs.

    Raises
    ------
    TrialError
        Outputs contain NaN.
    """
    outputs = {
        f"{part}.{name}": array
        for part, logits in parts.items()
        for name, array in _arrays(logits, part).items()
    }
    np.savez(path, allow_pickle=False, **outputs, **{_CURVE: curve})


def read_outputs(path: Path) -> tuple[dict[str, ExitLogits], Floats]:
    """Read what `write_outputs` wrote: outputs by part, and the learning curve.

    Raises
    ------
    DataError
        The file is missing or damaged.
    """
    needed = [_CURVE, *(f"{VALIDATION}.{name}" for name in _NEEDED)]
    arrays = read_arrays(path, "outputs", _remedy(path), needed)
    curve, parts = cast("Floats", arrays.pop(_CURVE)), dict[str, Arrays]()
    for name, array in arrays.items():
        part, _, own = name.partition(".")
        parts.setdefault(part, {})[own] = array
    return {part: _logits(path, own) for part, own in parts.items()}, curve


def _remedy(path: Path) -> str:
    return trained_again(path.parents[2])  # <study>/trials/<key>/<file>


def _arrays(logits: ExitLogits, part: str) -> Arrays:
    if fault := _fault(logits):
        raise TrialError(f"{part} outputs: {fault}")
    gates = {} if logits.gates is None else {"gates": logits.gates}
    return {"values": logits.values, "labels": logits.labels, **gates}


def _logits(path: Path, arrays: Arrays) -> ExitLogits:
    values, labels, gates = (arrays.get(name) for name in ("values", "labels", "gates"))
    logits = ExitLogits(
        cast("Logits", values), cast("Labels", labels), cast("Logits | None", gates)
    )
    if fault := _fault(logits):
        raise DataError(f"{path}: not readable logits ({fault}); {_remedy(path)}")
    return logits


def _fault(logits: ExitLogits) -> str | None:
    """What is wrong with the shapes or values of outputs; None where nothing is."""
    values, labels, gates = logits.values, logits.labels, logits.gates
    if values.ndim != 3 or values.dtype.kind != "f" or not values.size:  # noqa: PLR2004
        return f"values of shape [E, N, K] wanted, found {values.dtype} {list(values.shape)}"
    if len(labels) != values.shape[1]:
        return f"{values.shape[1]} samples in values, {len(labels)} in labels"
    if gates is not None and gates.shape != values.shape[:2]:
        return f"gates of shape {list(gates.shape)} for values of shape {list(values.shape)}"
    if any(np.isnan(array).any() for array in (values, labels, gates) if array is not None):
        return "NaN among the values"
    outputs = values.shape[2]
    if logits.task == "regression":
        fit = labels.ndim == 2 and 2 * labels.shape[1] == outputs  # noqa: PLR2004
    else:
        fit = labels.ndim == 1 and labels.min() >= 0 and labels.max() < outputs
    return None if fit else f"labels of shape {list(labels.shape)} do not fit {outputs} outputs"
