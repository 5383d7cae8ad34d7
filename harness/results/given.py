"""Outputs and costs that users give, checked: networks that harness never trained."""

import numpy as np
import numpy.typing as npt

from harness.core.errors import InputError
from harness.core.types import ExitLogits, Floats, Ints, Logits

Array = npt.NDArray[np.generic]
FEWEST_EXITS = 2
"""With one there is nothing to choose."""
_AXES = 3


def given_outputs(logits: Array, labels: Array, values_name: str, labels_name: str) -> ExitLogits:
    """Logits [E, N, K] and labels [N] of a classification, as harness keeps them.

    Parameters
    ----------
    values_name, labels_name
        What holds each (a file and field), for messages.

    Raises
    ------
    InputError
        A shape or type is wrong, a value is NaN or infinite, there are fewer than two exits or
        classes, or a label is no class.
    """
    values = _logits(logits, values_name)
    return ExitLogits(values, _labels(labels, values.shape[1], values.shape[2], labels_name))


def given_costs(costs: Array, exits: int, where: str) -> Floats:
    """Costs of leaving at each exit [E]: float64, above 0 and rising.

    Raises
    ------
    InputError
        They are none, or not as many as exits.
    """
    if costs.dtype.kind not in "iuf" or costs.shape != (exits,):
        raise InputError(
            f"{where}: one number per exit, [{exits}], is wanted, found {_described(costs)}"
        )
    found: Floats = costs.astype(np.float64)
    if not (np.isfinite(found).all() and (found > 0).all() and (np.diff(found) > 0).all()):
        raise InputError(
            f"{where}: numbers above 0 that rise from exit to exit are wanted, found "
            f"{found.tolist()}"
        )
    return found


def _logits(values: Array, where: str) -> Logits:
    if values.dtype.kind not in "iuf" or values.ndim != _AXES or not values.size:
        raise InputError(
            f"{where}: real numbers of shape [exits, samples, classes] are wanted, found "
            f"{_described(values)}"
        )
    exits, _, classes = values.shape
    if exits < FEWEST_EXITS:
        raise InputError(f"{where}: at least {FEWEST_EXITS} exits are wanted, found {exits}")
    if classes < 2:  # noqa: PLR2004
        raise InputError(f"{where}: at least 2 classes are wanted, found {classes}")
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused
        found: Logits = values.astype(np.float32)
    if not np.isfinite(found).all():
        exit_number, sample, _ = np.argwhere(~np.isfinite(found))[0]
        raise InputError(
            f"{where}: finite numbers are wanted, found NaN, infinity or a number too large at "
            f"exit {exit_number + 1}, sample {sample}"
        )
    return found


def _labels(labels: Array, samples: int, classes: int, where: str) -> Ints:
    if labels.dtype.kind not in "iu" or labels.shape != (samples,):
        raise InputError(
            f"{where}: a whole number per sample, [{samples}], is wanted, found "
            f"{_described(labels)}"
        )
    if int(labels.min()) < 0 or int(labels.max()) >= classes:
        raise InputError(
            f"{where}: classes from 0 to {classes - 1} are wanted, found {labels.min()} to "
            f"{labels.max()}"
        )
    return labels.astype(np.int64)


def _described(values: Array) -> str:
    return f"{values.dtype} {list(values.shape)}"
