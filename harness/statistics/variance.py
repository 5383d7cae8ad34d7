"""How much of a figure's variance is of searches, of seeds and of test samples."""

from dataclasses import dataclass

from harness.core.types import Floats


@dataclass(frozen=True)
class Shares:
    """Shares of the variance of one seed's value; they sum to 1, or are all 0 where none varies.

    Attributes
    ----------
    searches
        Of what a search happens to find.
    seeds
        Of a seed's training and split.
    samples
        Of which samples are tested.
    """

    searches: float
    seeds: float
    samples: float


def variance_shares(values: Floats) -> Shares:
    """The components of variance of a nested design: seeds within searches, samples within seeds.

    The usual estimates by mean squares (one-way random effects), each at least 0: that of samples
    is the variance under resampling, which seeds show as well, and seeds' is what searches show
    beyond their own.

    Parameters
    ----------
    values
        [R, S, 1 + B]: per search and seed the value on the test part, then on B resamples of it;
        R and S at least 2.

    Examples
    --------
    Searches that differ, with seeds that do not and samples that change nothing:

    >>> import numpy as np
    >>> variance_shares(np.array([[[1.0, 1.0]] * 2, [[3.0, 3.0]] * 2]))
    Shares(searches=1.0, seeds=0.0, samples=0.0)
    """
    plain = values[..., 0]
    samples = float((values[..., 1:] - values[..., :1]).var(axis=-1).mean())
    within = float(plain.var(axis=1, ddof=1).mean())
    between = float(plain.mean(axis=1).var(ddof=1))
    seeds = max(0.0, within - samples)
    searches = max(0.0, between - within / plain.shape[1])
    total = searches + seeds + samples
    if total == 0:
        return Shares(0.0, 0.0, 0.0)
    return Shares(searches / total, seeds / total, samples / total)
