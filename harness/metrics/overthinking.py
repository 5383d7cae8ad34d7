"""Overthinking, confusion and monotonicity: how the exits of a network disagree."""

import numpy as np
from scipy.special import softmax

from harness.core.types import Bools, ExitLogits, Floats, Ints


def overthinking(correct: Bools, cost: Floats, route: Ints) -> dict[str, float]:
    """Overthinking: shares of samples on which later exits did harm or were useless (SDN).

    Kaya et al. 2019.

    Parameters
    ----------
    correct
        bool [E, N].
    cost
        [E]: relative cost of leaving at each exit.
    route
        int64 [N]: exit (from 0) that each sample takes.

    Returns
    -------
    Destructive (correct at an earlier exit, wrong at the exit taken) and wasteful (correct earlier
    and at the exit taken) overthinking; accuracy and cost of leaving at the first correct exit.
    """
    exits, samples = correct.shape
    index = np.arange(exits)[:, None]
    correct_before = (correct & (index < route)).any(0)
    taken = correct[route, np.arange(samples)]
    first = np.where(correct.any(0), correct.argmax(0), 0)
    return {
        "destructive_overthinking": float((correct_before & ~taken).mean()),
        "wasteful_overthinking": float((correct_before & taken).mean()),
        "oracle_accuracy": float(correct.any(0).mean()),
        "oracle_relative_cost": float(cost[first].mean()),
    }


def confusion(logits: ExitLogits) -> Floats:
    """SDN's confusion of each sample [N]: sum over exits of |p_E - p_e|_1, in [0, 2 (E-1)].

    SDN then standardises it by mean and deviation over the training samples. Their logits are not
    stored, so this is the plain sum: compare it between networks of equally many exits only.

    Examples
    --------
    The first exit gives two classes 0.5 each, the last gives one of them nearly 1.

    >>> values = np.array([[[0, 0]], [[40, 0]]], dtype=np.float32)
    >>> confusion(ExitLogits(values, np.array([0]))).round(6).tolist()
    [1.0]
    """
    probability = softmax(logits.values.astype(float), axis=-1)
    found: Floats = np.abs(probability - probability[-1]).sum((0, 2))
    return found


def largest_drop(logits: ExitLogits) -> Floats:
    """Largest drop of the label's probability from an exit to any deeper one: [N] in [0, 1].

    0 where it never drops, which is conditional monotonicity (Jazbec et al. 2023, arXiv
    2306.02652).

    Examples
    --------
    >>> values = np.log([[[0.5, 0.5]], [[0.8, 0.2]], [[0.7, 0.3]]]).astype(np.float32)
    >>> largest_drop(ExitLogits(values, np.array([0]))).round(6).tolist()
    [0.1]
    """
    probability = softmax(logits.values.astype(float), axis=-1)
    of_label = np.take_along_axis(probability, logits.class_labels[None, :, None], axis=-1)[..., 0]
    found: Floats = (np.maximum.accumulate(of_label) - of_label).max(0)
    return found
