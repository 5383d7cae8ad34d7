"""When a study ends before its plan does: once its hypervolume has not grown for a while."""

from harness.results.study_record import StudyRecord
from harness.study.schedule import Turn
from harness.study.scoring import Scorer
from harness.study.space import trials_per_configuration

_ROUNDING = 1e-12
"""Relative growth of a hypervolume that is none."""


class Stopping:
    """The turns of a study, up to where it stops.

    Whether a turn is taken depends on what is recorded up to its horizon alone, `window` turns
    earlier: a launch that was killed stops at the same turn, and those before it are all taken.

    Parameters
    ----------
    turns
        All that are planned.

    Attributes
    ----------
    turns
        Those that are taken, as far as is known.
    spared
        Trials of the others, at most.
    stopped
        For how many configurations of each regime (and search) the hypervolume has not grown; None
        while the study goes on.
    """

    def __init__(self, record: StudyRecord, turns: tuple[Turn, ...]) -> None:
        self.turns, self.spared = turns, 0
        self.stopped: int | None = None
        self._study = record.spec
        # A confirmation trains all of its candidates.
        self._stop = None if record.fresh else record.spec.stop
        # What a study was given since may well add to it.
        self._number = self._grew = record.growth[-1].number - 1 if record.growth else -1
        self._best = 0.0
        self._told = False

    def add(self, number: int, scorer: Scorer) -> None:
        """Take in the hypervolume of the study once the configuration of a number is recorded."""
        if self._stop is None or self.stopped is not None:
            return
        if (hypervolume := scorer.hypervolume) > self._best * (1 + _ROUNDING):
            self._best, self._grew = hypervolume, max(number, self._grew)
        if number <= self._number:
            return
        self._number = number
        study, patience = self._study, self._stop.no_gain
        following = number + study.window
        waited = number - self._grew >= patience * len(study.regimes) * study.searches
        if waited and following < len(self.turns):
            left = self.turns[following:]
            self.spared = sum(trials_per_configuration(study, turn.regime) for turn in left)
            self.turns, self.stopped = self.turns[:following], patience

    def news(self) -> tuple[str, ...]:
        """That the study stops, in words, the first time that it is asked for; otherwise empty."""
        if self.stopped is None or self._told:
            return ()
        self._told = True
        return (
            f"no further configuration is proposed: the hypervolume has not grown for "
            f"{self.stopped} configurations per regime",
        )
