"""A search: proposals of Optuna's sampler, recorded in Optuna's storage."""

from pathlib import Path

from harness.results.failures import has_failure, read_failure
from harness.results.growth import spec_at
from harness.results.study_record import Configuration, StudyRecord
from harness.study.journal import Journal
from harness.study.plan import plan
from harness.study.proposer import Proposal, finished, propose, repeated, to_record, visible
from harness.study.schedule import Turn
from harness.study.space import Suggestion
from harness.study.storages import StudyStorage


class Search:
    """The proposals of a study (`harness.study.proposals.Proposals`); writes its storage."""

    def __init__(self, folder: Path, record: StudyRecord, storage: StudyStorage) -> None:
        self.turns = plan(record.spec, record.growth)
        self._folder, self._study, self._on = folder, record.spec, record.trained_on
        self._growth = record.growth
        self._journal = Journal(folder, record, storage)
        self._pending: dict[int, Proposal] = {}

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
        proposal = propose(then, self._on, turn, seen, pending, begun.seeds)
        self._pending[turn.number] = proposal
        return proposal.suggestion

    def record(
        self, turn: Turn, values: tuple[float, ...] | None, reason: str | None
    ) -> Configuration:
        """Tell Optuna the objectives of a proposed configuration, or why it failed."""
        trial = finished(self._pending.pop(turn.number), values, reason)
        self._journal.add(turn.regime, trial)
        return to_record(turn.regime, trial)

    def repeated(self, configuration: Configuration) -> Suggestion:
        """The trials of a recorded configuration; raises InputError where they would be others."""
        return repeated(self._study, self._on, configuration, fewer=bool(self._growth))

    def _completed(self, configuration: Configuration) -> Configuration:
        then = spec_at(self._study, self._growth, configuration.number)
        added = {*self._study.seeds} - {*then.seeds}
        if not added or configuration.objectives is None:
            return configuration
        keys = tuple(spec.key for spec in self.repeated(configuration).specs)
        failed = next((key for key in keys if has_failure(self._folder, key)), None)
        if failed is None:
            return configuration.model_copy(update={"keys": keys})
        reason = read_failure(self._folder, failed).facts.reason
        return configuration.model_copy(update={"keys": keys, "objectives": None, "reason": reason})
