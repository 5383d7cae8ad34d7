"""Prediction sets at every exit: classes that contain the label with a stated probability.

A set is a boolean vector over the classes, so the sets of a network are bool [E, N, K].
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, softmax

from harness.core.errors import InputError
from harness.core.types import Bools, ExitLogits, Floats, Ints

_INTERVAL = (2.5, 97.5)
"""Percentiles that bound the middle 95 %."""


@dataclass(frozen=True)
class SetQuality:
    """Quality of prediction sets: coverage, size, nestedness.

    Attributes
    ----------
    coverage
        float64 [E]: share of samples whose set contains their label (marginal coverage).
    size
        float64 [E]: mean number of classes in a set.
    nestedness
        float64 [E]: mean over samples of |C_1 n ... n C_l| / |C_l|, where an empty C_l counts as 1
        (EENN-AVCS, arXiv 2311.05931); 1 where no class excluded earlier returns at exit l.
    """

    coverage: Floats
    size: Floats
    nestedness: Floats


@dataclass(frozen=True)
class ResampledCoverage:
    """Coverage over random calibration/test splits.

    Attributes
    ----------
    mean
        float64 [E]: mean over the splits.
    low, high
        float64 [E]: between them lies the coverage of the middle 95 % of the splits.
    """

    mean: Floats
    low: Floats
    high: Floats


def conformal_sets(calibration: ExitLogits, outputs: ExitLogits, alpha: float) -> Bools:
    """Split-conformal sets [E, N, K] of each exit by itself (LAC: Sadinle et al. 2019).

    C_e(x) = {y : 1 - p_e(y | x) <= q_e}, with q_e the ceil((n + 1)(1 - alpha))-th smallest of the
    scores 1 - p_e(y(i)) of n calibration samples, infinity where there are too few. An exchangeable
    sample's label lies in C_e with probability at least 1 - alpha, for each exit alone; in the
    `running_intersection` of exits 1..l only with at least 1 - l alpha.

    Parameters
    ----------
    calibration
        Outputs of the same network for labelled samples that nothing else was fitted on.
    outputs
        Of the samples to predict sets for; their labels are not used.
    alpha
        Tolerated share of sets that miss the label, in (0, 1).

    Raises
    ------
    InputError
        `alpha` is out of range.
    """
    bound = _conformal_bound(_label_scores(calibration), alpha)
    sets: Bools = _scores(outputs) <= bound[:, None, None]
    return sets


def anytime_sets(outputs: ExitLogits, alpha: float, seed: int = 0) -> Bools:
    """Sets [E, N, K] of EENN-AVCS (Jazbec et al., arXiv 2311.05931), which need no calibration.

    Exit e's logits cut at 0 are the parameters a_e of a Dirichlet distribution over the classes
    with a_e > 0. With one draw w_e of it, C_l = {y : R_l(y) <= 1 / alpha}, where
    R_l(y) = prod_{e <= l} (a_e(y) / sum a_e) / w_e(y), and infinite from the first exit on that
    cuts y. If labels came from w_e at each exit anew, R_l(y) would be a martingale of mean 1, and
    the `running_intersection` of the sets would miss y at any exit with probability at most alpha
    (Ville's inequality). A trained network only approximates that: check the coverage. Where no
    logit is positive the set is empty.

    Parameters
    ----------
    seed
        Seed of the draws.

    Raises
    ------
    InputError
        `alpha` is out of range.
    """
    _check(alpha)
    weight = np.maximum(outputs.values.astype(np.float64), 0)
    generator = np.random.default_rng(seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Gamma(a) = Gamma(a + 1) U^(1/a): in logarithms, draws with small a do not vanish.
        draw = np.log(generator.standard_gamma(weight + 1))
        draw -= generator.standard_exponential(weight.shape) / weight
        log_mean = np.log(weight) - np.log(weight.sum(-1, keepdims=True))
        log_ratio = log_mean - (draw - logsumexp(draw, axis=-1, keepdims=True))
    log_ratio[weight == 0] = np.inf
    sets: Bools = log_ratio.cumsum(0) <= -math.log(alpha)
    return sets


def running_intersection(sets: Bools) -> Bools:
    """Intersection of the sets of all exits so far: nested sets [E, N, K]."""
    found: Bools = np.logical_and.accumulate(sets, axis=0)
    return found


def set_quality(sets: Bools, labels: Ints) -> SetQuality:
    """Coverage, size and nestedness of sets [E, N, K], per exit.

    Parameters
    ----------
    labels
        int64 [N].

    Examples
    --------
    One sample of class 0: at the second exit a class returns that the first has excluded.

    >>> sets = np.array([[[True, False]], [[True, True]]])
    >>> set_quality(sets, np.array([0])).nestedness.tolist()
    [1.0, 0.5]
    """
    held = sets[:, np.arange(sets.shape[1]), labels]
    size, kept = sets.sum(-1), running_intersection(sets).sum(-1)
    nestedness = np.where(size > 0, kept / np.maximum(size, 1), 1.0)
    return SetQuality(held.mean(1), size.mean(1), nestedness.mean(1))


def resampled_coverage(
    outputs: ExitLogits,
    alpha: float,
    *,
    intersected: bool = False,
    resamples: int = 200,
    seed: int = 0,
) -> ResampledCoverage:
    """Coverage of conformal sets over random splits into calibration and test halves.

    Each time one half calibrates the sets and their coverage is measured on the other. With
    n calibration samples and no equal scores, the expected coverage of each exit's own sets is
    ceil((n + 1)(1 - alpha)) / (n + 1), whatever the network.

    Parameters
    ----------
    outputs
        Of samples with labels that the network was not fitted on; at least two.
    intersected
        Whether to measure the running intersection of the sets instead of each exit's own.
    resamples
        Number of random splits.

    Raises
    ------
    InputError
        `alpha` is out of range, or there are too few samples or resamples.
    """
    scores = _label_scores(outputs)
    samples = scores.shape[1]
    if samples <= 1 or resamples < 1:
        raise InputError(
            f"resampled coverage: found {samples} samples and {resamples} resamples; "
            "at least 2 and 1 are needed"
        )
    generator = np.random.default_rng(seed)
    found = np.empty((resamples, len(scores)))
    for index in range(resamples):
        calibration, test = np.split(generator.permutation(scores, axis=1), [samples // 2], axis=1)
        held = test <= _conformal_bound(calibration, alpha)[:, None]
        found[index] = (np.logical_and.accumulate(held, axis=0) if intersected else held).mean(1)
    low, high = np.percentile(found, _INTERVAL, axis=0)
    return ResampledCoverage(found.mean(0), low, high)


def _scores(outputs: ExitLogits) -> Floats:
    """1 - p_e(y) for every class: [E, N, K]."""
    scores: Floats = 1 - softmax(outputs.values.astype(np.float64), axis=-1)
    return scores


def _label_scores(outputs: ExitLogits) -> Floats:
    """1 - p_e(y) of each sample's own label: [E, N]."""
    return _scores(outputs)[:, np.arange(len(outputs.labels)), outputs.class_labels]


def _conformal_bound(scores: Floats, alpha: float) -> Floats:
    """The largest score [E] inside the set, from calibration scores [E, n]."""
    _check(alpha)
    samples = scores.shape[1]
    # Rounded first: (n + 1)(1 - alpha) may miss a whole number by the last bit.
    rank = max(1, math.ceil(round((samples + 1) * (1 - alpha), 9)))
    if rank > samples:
        return np.full(len(scores), np.inf)
    bound: Floats = np.partition(scores, rank - 1, axis=1)[:, rank - 1]
    return bound


def _check(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise InputError(f"prediction sets: alpha: found {alpha}; must lie between 0 and 1")
