"""Stored outputs of a trial's exits: logits, labels and gates of one part of its split (npz)."""

from pathlib import Path
from typing import cast

import numpy as np

from harness.core.arrays import read_arrays
from harness.core.errors import DataError, TrialError
from harness.core.types import ExitLogits, Labels, Logits
from harness.results.remedies import trained_again


def write_logits(path: Path, logits: ExitLogits) -> None:
    """Write logits [E, N, K], labels [N] and any gates [E, N] as an uncompressed npz file.

    Raises
    ------
    TrialError
        They contain NaN.
    """
    if fault := _fault(logits):
        raise TrialError(f"{path.stem} outputs: {fault}")
    gates = {} if logits.gates is None else {"gates": logits.gates}
    np.savez(path, allow_pickle=False, values=logits.values, labels=logits.labels, **gates)


def read_logits(path: Path) -> ExitLogits:
    """Read what `write_logits` wrote; raises DataError where it is missing or damaged."""
    remedy = trained_again(path.parents[2])  # <study>/trials/<key>/<file>
    arrays = read_arrays(path, "logits", remedy, ("values", "labels"))
    values, labels, gates = (arrays.get(name) for name in ("values", "labels", "gates"))
    logits = ExitLogits(
        cast("Logits", values), cast("Labels", labels), cast("Logits | None", gates)
    )
    if fault := _fault(logits):
        raise DataError(f"{path}: not readable logits ({fault}); {remedy}")
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
