"""The order of a study's configurations: regimes take turns, so that each gets as many."""

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
        How many configurations this regime had before.
    """

    number: int
    regime: str
    index: int


def turns(regimes: Sequence[str], sizes: Sequence[int], cap: int) -> tuple[Turn, ...]:
    """The turns that hold `cap` trials in total; the last one is taken whole.

    Parameters
    ----------
    regimes, sizes
        Names, and the number of trials in one configuration of each.
    cap
        Total of trials.

    Examples
    --------
    >>> [turn.regime for turn in turns(["joint", "single_exit"], [1, 3], 6)]
    ['joint', 'single_exit', 'joint', 'single_exit']
    """
    made: list[Turn] = []
    trials = 0
    while trials < cap:
        index, turn = divmod(len(made), len(regimes))
        made.append(Turn(len(made), regimes[turn], index))
        trials += sizes[turn]
    return tuple(made)
