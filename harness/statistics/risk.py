"""Risk of leaving early relative to the full network, and tests that it lies below a level."""

import math
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import rel_entr
from scipy.stats import binom

from harness.core.types import Floats
from harness.policies.predictions import ExitPredictions

Gap: TypeAlias = Literal["prediction_gap", "ground_truth_gap"]


def gap_losses(predictions: ExitPredictions, gap: Gap) -> Floats:
    """Loss [E, N] of leaving at each exit instead of the last (arXiv 2405.20915, section 3).

    With a_e the prediction of exit e, the prediction gap (there: consistency) is 1[a_e != a_E], in
    {0, 1}; the ground-truth gap (there: performance gap) is 1[a_e != y] - 1[a_E != y], in
    {-1, 0, 1}. Both are 0 at the last exit. The risk of a threshold vector is the mean loss over
    the samples, each at the exit that it takes. Raises InputError for a regression.
    """
    wrong = ~predictions.correct  # refuses a regression, whose losses have no bound
    compared = (
        wrong if gap == "ground_truth_gap" else predictions.predicted != predictions.predicted[-1]
    )
    found = compared.astype(np.float64)
    losses: Floats = found - found[-1]
    return losses


def hoeffding_bentkus(losses: Floats, level: float) -> Floats:
    """P-values [...] of "the mean loss exceeds the level", from n independent losses each.

    With r the mean, min(exp(-n h(min(r, level), level)), e P(Binomial(n, level) <= ceil(n r))),
    where h(a, b) = a log(a / b) + (1 - a) log((1 - a) / (1 - b)) (Bates et al. 2021,
    arXiv 2101.02703; Learn then Test, arXiv 2110.01052, section 3). The probability
    that it is at most d although the mean exceeds the level is at most d.

    Parameters
    ----------
    losses
        [..., N] in [0, 1].
    level
        Tested level, in [0, 1].

    Examples
    --------
    No loss in 10 samples, level 0.2: Hoeffding's term is 0.8^10, Bentkus's e times that.

    >>> round(float(hoeffding_bentkus(np.zeros(10), 0.2)), 6) == round(0.8**10, 6)
    True
    """
    samples = losses.shape[-1]
    total = losses.sum(-1)
    low = np.minimum(total / samples, level)
    hoeffding = np.exp(-samples * (rel_entr(low, level) + rel_entr(1 - low, 1 - level)))
    bentkus = math.e * binom.cdf(np.ceil(total), samples, level)
    found: Floats = np.minimum(hoeffding, bentkus)
    return found


def betting(losses: Floats, level: float, delta: float) -> Floats:
    """P-values [...] of "the mean loss exceeds the level", by betting against it.

    1 / max_i K_i, at most 1, of the wealth K_i = prod_{j <= i} (1 - nu_j (L_j - level)) with the
    bets nu_j = min(1, sqrt(2 log(1 / delta) / (n s_{j-1}))), where s_i =
    (1/4 + sum_{j <= i} (L_j - m_j)^2) / (1 + i) and m_i = (1/2 + sum_{j <= i} L_j) / (1 + i)
    (Waudby-Smith and Ramdas, arXiv 2010.09686; Bates et al. 2021, arXiv 2101.02703,
    proposition 5). It is at most delta exactly when their upper confidence bound "UCB-WSR",
    inf {r : max_i K_i(r) > 1 / delta}, is at most the level. Wealth stays positive for losses
    below 0 too, so they need no clipping.

    Parameters
    ----------
    losses
        [..., N], none above 1, independent and in an order independent of their values.
    level
        Tested level, in (0, 1].
    delta
        In (0, 1): error probability that the bets are tuned for; the p-value is valid for any.

    Examples
    --------
    Two samples: s_0 = 1/4, m_1 = 1/4, s_1 = (1/4 + 1/16) / 2, so that both bets are cut to 1.

    >>> p = betting(np.zeros(2), 0.5, 0.1)
    >>> round(float(p), 6) == round(1 / 1.5**2, 6)
    True
    """
    samples = losses.shape[-1]
    count = np.arange(2, samples + 2)
    mean = (0.5 + losses.cumsum(-1)) / count
    variance = (0.25 + ((losses - mean) ** 2).cumsum(-1)) / count
    known = np.concatenate([np.full_like(losses[..., :1], 0.25), variance[..., :-1]], axis=-1)
    bets = np.minimum(1, np.sqrt(2 * math.log(1 / delta) / (samples * known)))
    log_wealth = np.log1p(-bets * (losses - level)).cumsum(-1).max(-1)
    found: Floats = np.exp(-np.maximum(log_wealth, 0))
    return found
