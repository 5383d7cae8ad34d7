"""Which configurations a drawing shows where there are more than can be told apart."""

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST_DOTS = 6_000
"""In a drawing. More hide each other, and make a page that takes long to open."""


def most_of_each(dots: pd.Series, of_each: pd.Series, most: int) -> int:
    """How many configurations of each group may be drawn, so that no more than `most` dots are.

    Parameters
    ----------
    dots
        Dots of one configuration, by group.
    of_each
        Configurations, by group.

    Returns
    -------
    The largest number for which that holds, at least 1; the largest group where all may be.

    Examples
    --------
    >>> most_of_each(pd.Series({"a": 2, "b": 1}), pd.Series({"a": 5, "b": 9}), 13)
    4
    """
    numbers = np.arange(1, of_each.max() + 1)
    drawn = np.minimum.outer(numbers, of_each.to_numpy()) @ dots.reindex(of_each.index).to_numpy()
    return max(int(np.searchsorted(drawn, most, side="right")), 1)


def thinned(slices: pd.DataFrame, most: int = MOST_DOTS) -> tuple[pd.DataFrame, int | None]:
    """Of each regime so many configurations that no more than `most` dots are drawn in all.

    They are spread evenly over the configurations in order of number, the first and the last among
    them, so that the drawing shows where a search went and how dense it was there.

    Parameters
    ----------
    slices
        A row per dot: regime, configuration, and more; see `slices_data`.

    Returns
    -------
    The rows that are drawn, in their order, and how many configurations of each regime they show at
    most; None where all are drawn.
    """
    if len(slices) <= most:
        return slices, None
    by_regime = slices.groupby("regime")["configuration"]
    of_each = by_regime.nunique()
    number = most_of_each(by_regime.size() / of_each, of_each, most)
    kept = {str(regime): _spread(np.unique(found), number) for regime, found in by_regime}
    drawn = [
        configuration in kept[regime]
        for regime, configuration in zip(slices["regime"], slices["configuration"], strict=True)
    ]
    return slices[drawn], number


def _spread(ordered: npt.NDArray[np.generic], number: int) -> set[object]:
    """So many of some values, evenly spread from the first to the last; all where they are fewer.

    Examples
    --------
    >>> sorted(_spread(np.arange(10), 4))
    [0, 3, 6, 9]
    """
    places = np.linspace(0, len(ordered) - 1, min(number, len(ordered))).round().astype(int)
    return set(ordered[places].tolist())
