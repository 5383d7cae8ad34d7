"""The order of a study's configurations: regimes take turns, so that each gets as many."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
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
    before: Sequence[Turn] = (),
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
    before
        The turns of a study that goes on with these regimes: they stay, and a regime that had fewer
        turns than the others is the first to take one.

    Examples
    --------
    >>> [turn.regime for turn in turns(["joint", "single_exit"], [1, 3], 6)]
    ['joint', 'single_exit', 'joint']
    >>> [turn.regime for turn in turns(["joint", "hard_cgt"], [1, 1], 4, most=[1, math.inf])]
    ['joint', 'hard_cgt', 'hard_cgt', 'hard_cgt']
    >>> begun = turns(["joint"], [1], 2)
    >>> [turn.regime for turn in turns(["joint", "mixed"], [1, 1], 5, before=begun)]
    ['joint', 'joint', 'mixed', 'mixed', 'joint']
    """
    size = dict(zip(regimes, sizes, strict=True))
    made = list(before)
    left = cap - sum(size[turn.regime] for turn in made)
    for turn in _endless(regimes, most or [math.inf] * len(regimes), searches, before):
        if size[turn.regime] > left:
            break
        made.append(turn)
        left -= size[turn.regime]
    return tuple(made)


def first_turns(
    regimes: Sequence[str],
    most: Sequence[float],
    searches: int,
    number: int,
    before: Sequence[Turn] = (),
) -> tuple[Turn, ...]:
    """The first `number` turns, whatever they cost; parameters are those of `turns`."""
    following = _endless(regimes, most, searches, before)
    return (*before, *itertools.islice(following, number - len(before)))


def _endless(
    regimes: Sequence[str], most: Sequence[float], searches: int, before: Sequence[Turn]
) -> Iterator[Turn]:
    """The turns that follow `before`, until every regime has had the most there are."""
    had = Counter((turn.search, turn.regime) for turn in before)
    numbers = itertools.count(len(before))
    limits = dict(zip(regimes, most, strict=True))
    for index in itertools.count():
        if index >= max(limits.values()):
            return
        for search, regime in itertools.product(range(searches), regimes):
            if had[search, regime] <= index < limits[regime]:
                yield Turn(next(numbers), regime, index, search)
