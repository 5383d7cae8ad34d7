"""A search: proposals of Optuna's sampler, recorded in Optuna's storage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from harness.core.settings import Scalar
from harness.results.failures import has_failure, read_failure
from harness.results.growth import spec_at
from harness.results.screened import Screened
from harness.results.study_record import Configuration, StudyRecord
from harness.study.journal import Journal
from harness.study.memory import Memory
from harness.study.plan import plan
from harness.study.promotion import Ladder
from harness.study.proposer import (
    Proposal,
    finished,
    propose,
    repeated,
    to_record,
    visible,
)
from harness.study.rungs import rungs, suggestions
from harness.study.schedule import Turn
from harness.study.scoring import Scorer
from harness.study.space import Suggestion
from harness.study.storages import StudyStorage


class Search:
    """The proposals of a study (`harness.study.proposals.Proposals`); writes its storage.

    Parameters
    ----------
    folder
        That holds the study's record, and gets its storage.
    scorer
        Knows where the results of its trials are, and how the better ones are told.
    """

    def __init__(
        self,
        folder: Path,
        record: StudyRecord,
        storage: StudyStorage,
        scorer: Scorer,
    ) -> None:
        self.turns = plan(record.spec, record.growth)
        self._folder, self._study, self._on = folder, record.spec, record.trained_on
        self._growth = record.growth
        self._journal = Journal(folder, record, storage)
        self._pending: dict[int, Proposal] = {}
        self._memories: dict[tuple[str, int], Memory] = {}
        self._screens = len(rungs(record.spec)) > 1
        self._scorer = scorer

    def recorded(self) -> tuple[Configuration, ...]:
        """The configurations recorded so far, in order of number, on all seeds of the study.

        One that failed on a seed that was added since has failed.
        """
        found = self._journal.configurations()
        return tuple(self._completed(each) if self._growth else each for each in found)

    def propose(self, turn: Turn) -> Suggestion:
        """Ask Optuna for the trials of a turn, on the seeds that the study had by then."""
        seen, pending = visible(
            self._journal.finished(turn.regime),
            [each for each in self._pending.values() if each.turn.regime == turn.regime],
            turn.search,
            horizon=turn.number - self._study.window,
        )
        then = spec_at(self._study, self._growth, turn.number)
        begun = spec_at(self._study, self._growth, 0)
        memory = self._memories.setdefault((turn.regime, turn.search), Memory(then))
        memory.show(seen, pending)
        proposal = propose(then, self._on, turn, memory, begun.seeds)
        if self._screens:
            first = self._on_rungs(turn.number, turn.regime, proposal.asked.params)[0]
            proposal = replace(proposal, suggestion=first, screened=Screened(rung=0))
        self._pending[turn.number] = proposal
        return proposal.suggestion

    def check_decided(self) -> None:
        """Check who was promoted against what the trials say; raises InputError."""
        if self._screens:
            _ = self._ladder

    def further(self, turn: Turn) -> Suggestion | None:
        """The trials of a turn on the next rung, where what it did on the last one lets it go on.

        Raises
        ------
        InputError
            What was decided of a recorded configuration does not follow from what was recorded.
        """
        proposal = self._pending[turn.number]
        if (
            proposal.screened is None
            or len(proposal.screened.hypervolumes) > proposal.screened.rung
        ):
            return None
        trained = self._on_rungs(turn.number, turn.regime, proposal.asked.params)
        rung = proposal.screened.rung
        if rung + 1 == len(trained):
            return None
        found = self._ladder.standing(trained[rung])
        goes_on = self._ladder.goes_on(turn, rung, found)
        reached = rung + goes_on
        areas = (*proposal.screened.hypervolumes, found.hypervolume)
        screened = Screened(rung=reached, hypervolumes=areas, lower=_lower(trained, reached))
        self._pending[turn.number] = replace(
            proposal, suggestion=trained[reached], screened=screened
        )
        return trained[reached] if goes_on else None

    def record(
        self, turn: Turn, values: tuple[float, ...] | None, reason: str | None
    ) -> Configuration:
        """Tell Optuna the objectives of a proposed configuration, or why it failed."""
        ladder = self._ladder if self._screens else None
        trial = finished(self._pending.pop(turn.number), values, reason)
        self._journal.add(turn.regime, trial)
        configuration = to_record(turn.regime, trial)
        if ladder:
            self._climbed(ladder, configuration)
        return configuration

    def repeated(self, configuration: Configuration) -> Suggestion:
        """The trials of a recorded configuration, those of lower rungs too.

        Raises
        ------
        InputError
            They would be others.
        """
        found = self._repeated(configuration)
        if configuration.screened is None:
            return found
        every = self._on_rungs(
            configuration.number, configuration.regime, configuration.parameters
        )[: configuration.screened.rung]
        specs = {spec.key: spec for each in (*every, found) for spec in each.specs}
        return Suggestion(tuple(specs.values()), found.thresholds)

    def _repeated(self, configuration: Configuration) -> Suggestion:
        return repeated(self._study, self._on, configuration, fewer=bool(self._growth))

    @cached_property
    def _ladder(self) -> Ladder:
        """What decides who goes on, of all that is recorded; checked against what was decided."""
        ladder = Ladder(self._study, self._scorer)
        for each in self._journal.configurations():
            self._climbed(ladder, each)
        return ladder

    def _climbed(self, ladder: Ladder, configuration: Configuration) -> None:
        number, regime = configuration.number, configuration.regime
        ladder.add(configuration, self._on_rungs(number, regime, configuration.parameters))

    def _on_rungs(
        self, number: int, regime: str, parameters: Mapping[str, Scalar]
    ) -> Sequence[Suggestion]:
        """The trials of a configuration on each rung that the study had by then."""
        then = spec_at(self._study, self._growth, number)
        return suggestions(then, self._on, regime, parameters)

    def _completed(self, configuration: Configuration) -> Configuration:
        then = spec_at(self._study, self._growth, configuration.number)
        added = {*self._study.seeds} - {*then.seeds}
        if not added or configuration.objectives is None:
            return configuration
        keys = tuple(spec.key for spec in self._repeated(configuration).specs)
        failed = next((key for key in keys if has_failure(self._folder, key)), None)
        if failed is None:
            return configuration.model_copy(update={"keys": keys})
        reason = read_failure(self._folder, failed).facts.reason
        return configuration.model_copy(update={"keys": keys, "objectives": None, "reason": reason})


def _lower(trained: Sequence[Suggestion], rung: int) -> tuple[str, ...]:
    """The keys of a configuration on lower rungs that are none of the rung's own."""
    own = {spec.key for spec in trained[rung].specs}
    below = (spec.key for each in trained[:rung] for spec in each.specs)
    return tuple(key for key in below if key not in own)
