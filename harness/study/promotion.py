"""Which configurations are trained further: the better ones of their regime, rung by rung.

The rungs of successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943), one configuration
at a time as in ASHA (Li et al. 2020, arXiv 1810.05934), but without its dependence on which worker
was faster: a decision is a pure function of what the configuration did on the rung and of what was
recorded up to its horizon, `window` turns earlier, as its proposal is.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.core.errors import InputError
from harness.core.study_spec import StudySpec
from harness.core.types import Floats, Frontier
from harness.frontier.pareto import hypervolume, non_dominated
from harness.results.screened import Screened
from harness.results.study_record import Configuration
from harness.study.rungs import kept_share
from harness.study.schedule import Turn
from harness.study.scoring import Scorer
from harness.study.space import Suggestion

_SAME = 1e-9
"""Relative difference of hypervolumes that rounding may make."""


@dataclass(frozen=True)
class Standing:
    """What a configuration did on a rung.

    Attributes
    ----------
    hypervolume
        Mean over the rung's seeds of each seed's own hypervolume, on validation.
    fronts
        The non-dominated points of each seed, by seed: [P, 2], cost and score.
    """

    hypervolume: float
    fronts: tuple[Floats, ...]


def standing(by_seed: Sequence[Sequence[Frontier]], floor: float) -> Standing:
    """What a configuration did on a rung, of the frontiers of its networks by seed.

    Parameters
    ----------
    floor
        Score of the reference point.
    """
    fronts = tuple(
        _front([np.column_stack([f.cost, f.score]) for f in frontiers]) for frontiers in by_seed
    )
    areas = [hypervolume(front[:, 0], front[:, 1], 1.0, floor) for front in fronts]
    return Standing(float(np.mean(areas)), fronts)


@dataclass
class _Rung:
    """What is recorded of one regime's search on one rung, in order of number."""

    window: int
    numbers: list[int] = field(default_factory=list)
    hypervolumes: list[float] = field(default_factory=list)
    fronts: "deque[tuple[int, tuple[Floats, ...]]]" = field(default_factory=deque)

    def add(self, number: int, found: Standing) -> None:
        before = self.fronts[-1][1] if self.fronts else ()
        pairs = zip(before, found.fronts, strict=True) if before else ((f,) for f in found.fronts)
        self.numbers.append(number)
        self.hypervolumes.append(found.hypervolume)
        self.fronts.append((number, tuple(_front(pair) for pair in pairs)))
        # No later decision looks back further than the window.
        while len(self.fronts) > self.window + 1:
            self.fronts.popleft()

    def goes_on(self, found: Standing, keep: float, horizon: int) -> bool:
        seen = sum(number <= horizon for number in self.numbers)
        better = sum(each > found.hypervolume for each in self.hypervolumes[:seen])
        if better < keep * (seen + 1):
            return True
        known = [fronts for number, fronts in self.fronts if number <= horizon][-1]
        return any(map(_adds_to, known, found.fronts))


class Ladder:
    """Decides which configurations of a study are trained further.

    Parameters
    ----------
    scorer
        Gives the validation frontiers of trials that have a result.
    """

    def __init__(self, study: StudySpec, scorer: Scorer) -> None:
        self._study, self._scorer = study, scorer
        self._rungs: dict[tuple[str, int, int], _Rung] = {}

    def standing(self, suggestion: Suggestion) -> Standing:
        """What a configuration did on a rung, whose trials all have a result."""
        by_seed: dict[int, list[Frontier]] = {}
        for spec in suggestion.specs:
            found = self._scorer.frontier(spec.key, suggestion.thresholds)
            by_seed.setdefault(spec.seed, []).append(found)
        return standing([*by_seed.values()], self._scorer.reference.score)

    def goes_on(self, turn: Turn, rung: int, found: Standing) -> bool:
        """Whether a configuration is trained on the next rung.

        It is where less than the share that is kept did better, of itself and of its regime's
        configurations in this search that were recorded up to its horizon; or where a point of it
        is on their frontier of one of the rung's seeds.
        """
        horizon = turn.number - self._study.window
        return self._rung(turn, rung).goes_on(found, kept_share(self._study), horizon)

    def add(self, configuration: Configuration, trained: Sequence[Suggestion]) -> None:
        """Take in a configuration that is recorded; they come in order of number.

        Those that failed are compared with nothing: no frontier holds their points.

        Parameters
        ----------
        trained
            Its trials on each rung.

        Raises
        ------
        InputError
            What was decided of it does not follow from what was recorded before.
        """
        screened = configuration.screened
        if screened is None:
            return
        turn = Turn(configuration.number, configuration.regime, 0, configuration.search)
        for rung, (said, suggestion) in enumerate(
            zip(screened.hypervolumes, trained, strict=False)
        ):
            found = self.standing(suggestion)
            went_on = screened.rung > rung
            same = math.isclose(found.hypervolume, said, rel_tol=_SAME)
            if not same or self.goes_on(turn, rung, found) != went_on:
                raise InputError(self._contradiction(configuration, rung, found.hypervolume))
            if configuration.objectives is not None:
                self._rung(turn, rung).add(turn.number, found)

    def _rung(self, turn: Turn, rung: int) -> _Rung:
        place = (turn.regime, turn.search, rung)
        return self._rungs.setdefault(place, _Rung(self._study.window))

    def _contradiction(self, configuration: Configuration, rung: int, now: float) -> str:
        screened = configuration.screened or Screened(rung=0)
        went_on = "one that goes on" if screened.rung > rung else "one that does not go on"
        return (
            f"study {self._study.name}: configuration {configuration.number} is recorded as "
            f"{went_on}, of hypervolume {screened.hypervolumes[rung]:.6f}; it has {now:.6f}, and "
            "this does not follow from what was recorded before: a record or a trial was changed. "
            "--restart starts over, and trains no equal trial again"
        )


def _front(points: Sequence[Floats]) -> Floats:
    """The non-dominated ones of some points [P, 2], in their order."""
    every = np.concatenate(points)
    front: Floats = every[non_dominated(every[:, 0], every[:, 1])]
    return front


def _adds_to(front: Floats, points: Floats) -> bool:
    """Whether one of the points is on the front of both: of equal points the first counts."""
    every = np.concatenate([front, points])
    return bool(non_dominated(every[:, 0], every[:, 1])[len(front) :].any())
