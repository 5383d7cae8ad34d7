"""A search: proposals of Optuna's sampler, recorded in Optuna's storage."""

from pathlib import Path

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
        self.turns = plan(record.spec)
        self._study, self._on = record.spec, record.trained_on
        self._journal = Journal(folder, record, storage)
        self._pending: dict[int, Proposal] = {}

    def recorded(self) -> tuple[Configuration, ...]:
        """The configurations recorded so far, in order of number."""
        return tuple(self._journal.configurations())

    def propose(self, turn: Turn) -> Suggestion:
        """Ask Optuna for the trials of a turn."""
        seen, pending = visible(
            self._journal.finished(turn.regime),
            [each for each in self._pending.values() if each.turn.regime == turn.regime],
            turn.search,
            horizon=turn.number - self._study.window,
        )
        proposal = propose(self._study, self._on, turn, seen, pending)
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
        return repeated(self._study, self._on, configuration)
