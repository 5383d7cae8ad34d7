"""The order of a study's configurations: regimes take turns, so that each gets as many."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """One configuration to come.

    Attributes
    ----------
    number
        Position in the study, from 0.
    regime
        Whose turn it is.
    index
        How many configurations this regime had before, in this search.
    search
        Which of the study's independent searches it belongs to, from 0.
    """

    number: int
    regime: str
    index: int
    search: int = 0


def turns(
    regimes: Sequence[str],
    sizes: Sequence[int],
    cap: int,
    most: Sequence[float] | None = None,
    searches: int = 1,
) -> tuple[Turn, ...]:
    """The turns whose trials fit `cap`: up to the first configuration that does not.

    A larger cap only appends turns, so that a study can be continued.

    Parameters
    ----------
    regimes, sizes
        Names, and the number of trials in one configuration of each.
    cap
        Most trials in all.
    most
        Number of different configurations of each regime; it takes no more turns in a search,
        which leaves them to the others.
    searches
        Number of independent searches, which take turns as well.

    Examples
    --------
    >>> [turn.regime for turn in turns(["joint", "single_exit"], [1, 3], 6)]
    ['joint', 'single_exit', 'joint']
    >>> [turn.regime for turn in turns(["joint", "hard_cgt"], [1, 1], 4, most=[1, math.inf])]
    ['joint', 'hard_cgt', 'hard_cgt', 'hard_cgt']
    """
    made: list[Turn] = []
    limits = [math.inf] * len(regimes) if most is None else most
    left = cap
    for index in itertools.count():
        if index >= max(limits):
            break
        each = zip(regimes, sizes, limits, strict=True)
        for search, (regime, size, limit) in itertools.product(range(searches), each):
            if index >= limit:
                continue
            if size > left:
                return tuple(made)
            made.append(Turn(len(made), regime, index, search))
            left -= size
    return tuple(made)
