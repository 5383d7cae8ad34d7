"""The launcher: the only caller of ask and tell, and the only writer of storage and MLflow."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

from harness.core.waiting import waiting
from harness.results import study_record, trials
from harness.results.extent import spared_by, trained_keys
from harness.results.study_record import Configuration, State, StudyRecord
from harness.study.checkpoints import Checkpoints
from harness.study.companies import together
from harness.study.executors import TrialOutcome
from harness.study.interrupt import Stopped
from harness.study.mlflow_log import MlflowLog
from harness.study.outcomes import stored_outcome
from harness.study.pool import Pool
from harness.study.progress import Reporter, StudyProgress
from harness.study.proposals import Proposals
from harness.study.repair import train_anew
from harness.study.schedule import Turn
from harness.study.scoring import Scorer
from harness.study.space import Suggestion
from harness.study.stopping import Stopping
from harness.study.tally import Tally

_LIBRARIES = ("harness", "optuna", "numpy", "moocore")
"""What proposals and scores depend on."""


class Launcher:
    """One launch of a study.

    Parameters
    ----------
    record
        The study as resumed; its configurations are those of `proposals`.
    watch
        Called with the progress after every change.

    Attributes
    ----------
    signal
        Number of the signal that stopped the launch, or None.
    """

    def __init__(
        self,
        record: StudyRecord,
        proposals: Proposals,
        scorer: Scorer,
        mlflow_log: MlflowLog,
        watch: Callable[[StudyProgress], None],
    ) -> None:
        self._study, self._record = record.spec, record
        self._mlflow_log = mlflow_log
        self._source, self._stopping = proposals, Stopping(record, proposals.turns)
        self._scorer, self._folder = scorer, scorer.folder
        self._proposed: dict[int, Suggestion] = {}
        self._outcomes: dict[str, TrialOutcome] = {}
        self._errors: dict[str, str] = {}
        self._versions = {name: version(name) for name in _LIBRARIES}
        self._tally, self._restored = Tally(), False
        self._reporter = Reporter(watch, self._folder)
        self._checkpoints = Checkpoints(self._folder, record, scorer)
        self.signal: int | None = None

    def run(self, pool: Pool, check_stop: Callable[[], None]) -> StudyRecord:
        """Train what is left in a pool, and close it.

        A stop keeps every trial that finished. A trial that ends in an error is left out, with all
        that must be proposed after it: `errors` names it, and the next launch takes it up.

        Parameters
        ----------
        check_stop
            Raises `Stopped` once the launch was asked to stop.
        """
        state: State = "failed"
        try:
            with waiting("taking up what is stored of the study"):
                self._restore(pool, check_stop)
            self._reporter.begin()
            self._train(pool, check_stop)
            self._complete_seeds(pool, check_stop)
            state = self._end()
        except Stopped as stopped:
            self.signal = stopped.number
            state = "done" if self._all_recorded else "interrupted"
        finally:
            with waiting("stopping the workers"):
                pool.close()
            self._save(state)
            self._reporter.close()
        return self._record

    @property
    def errors(self) -> tuple[str, ...]:
        """The trials that ended in an error, in words, in the order of their configurations."""
        return tuple(
            f"#{number} {self._turns[number].regime} seed {spec.seed} ({spec.key}): "
            f"{self._errors[spec.key]}"
            for number, suggestion in sorted(self._proposed.items())
            for spec in suggestion.specs
            if spec.key in self._errors
        )

    @property
    def _recorded(self) -> int:
        return len(self._record.configurations)

    @property
    def _all_recorded(self) -> bool:
        return self._recorded >= len(self._turns)

    @property
    def _planned(self) -> int:
        return self._record.planned - self._tally.spared - self._stopping.spared

    @property
    def _turns(self) -> tuple[Turn, ...]:
        return self._stopping.turns

    def _end(self) -> State:
        return "failed" if self._errors else "done" if self._all_recorded else "out of time"

    def _restore(self, pool: Pool, check_stop: Callable[[], None]) -> None:
        """Take up the study where it stopped: what was recorded, then what had been asked.

        Nothing is written before all of it was read.
        """
        known = self._trained_whole(pool, check_stop)
        self._source.check_decided()
        self._record = self._record.model_copy(update={"configurations": known})
        counted = self._checkpoints.take_up(known)
        for configuration in known[:counted]:
            self._tally_trials(configuration)
        for configuration in known[counted:]:
            check_stop()
            self._count(configuration)
        self._restored = True
        self._save("running")
        for configuration in known:
            check_stop()
            self._mlflow_log.log(configuration)
        for turn in self._turns[self._recorded : self._recorded + self._study.window]:
            self._ask(turn, pool)

    def _trained_whole(
        self, pool: Pool, check_stop: Callable[[], None]
    ) -> tuple[Configuration, ...]:
        """What is recorded, each trial of it trained; progress is told on the way."""
        recorded = {key for each in self._source.recorded() for key in trained_keys(each)}

        def note(done: TrialOutcome, left: int) -> None:
            self._reporter.ended(done)
            self._checkpoints.trained_anew(done.key)
            settled = len(recorded) - left
            found = self._scorer.hypervolume if self._restored else None
            self._reporter.tell(settled, settled, self._planned, found, pool.presence())

        known = self._checkpoints.whole
        return train_anew(self._folder, self._source, pool, check_stop, note, known)

    def _train(self, pool: Pool, check_stop: Callable[[], None]) -> None:
        while True:
            self._record_complete(pool, check_stop)
            check_stop()
            if not len(pool):
                return
            if self._out_of_time():
                pool.drop_queued()
            for done in pool.collect(timeout=1.0):
                self._note(done)
            self._report(pool)

    def _complete_seeds(self, pool: Pool, check_stop: Callable[[], None]) -> None:
        """Train on all seeds what was proposed anew from fewer, as after --retry-failed."""
        if not self._record.growth:
            return
        known = self._trained_whole(pool, check_stop)
        before = self._record.configurations
        changed = [each for each, old in zip(known, before, strict=True) if each != old]
        self._record = self._record.model_copy(update={"configurations": known})
        for configuration in changed:
            self._count(configuration)
            self._mlflow_log.log(configuration)

    def _ask(self, turn: Turn, pool: Pool) -> None:
        self._submit(turn, self._source.propose(turn), pool)

    def _submit(self, turn: Turn, suggestion: Suggestion, pool: Pool) -> None:
        waiting = {spec.key for proposed in self._proposed.values() for spec in proposed.specs}
        self._proposed[turn.number] = suggestion
        wanted = []
        for spec in suggestion.specs:
            if stored := stored_outcome(self._folder, spec.key):
                self._take(stored)
            elif not any(spec.key in known for known in (waiting, self._outcomes, self._errors)):
                wanted.append(spec)
        for task in together(wanted):
            pool.submit(*task)

    def _note(self, done: TrialOutcome) -> None:
        self._reporter.ended(done)
        if done.status == "error":
            self._errors[done.key] = done.reason or ""
            return
        self._take(done)

    def _take(self, done: TrialOutcome) -> None:
        if done.summary is not None:
            self._scorer.keep(done.summary)
        self._outcomes[done.key] = replace(done, summary=None)
        self._tally.add(done.key, done.status == "trained")

    def _record_complete(self, pool: Pool, check_stop: Callable[[], None]) -> None:
        """Record complete configurations in order of number, and ask for as many new ones.

        The order makes proposals independent of which worker was faster.
        """
        self._train_further(pool)
        while self._complete(self._proposed.get(self._recorded)):
            check_stop()
            turn = self._turns[self._recorded]
            self._record_one(turn, self._proposed.pop(turn.number))
            following = turn.number + self._study.window
            if following < len(self._turns) and not self._out_of_time():
                self._ask(self._turns[following], pool)
            self._train_further(pool)
            self._report(pool)

    def _train_further(self, pool: Pool) -> None:
        """Submit what follows of configurations whose trials so far all have a result."""
        for turn in [self._turns[number] for number in sorted(self._proposed)]:
            while self._complete(found := self._proposed[turn.number]) and not self._reason(found):
                further = self._source.further(turn)
                if further is None:
                    break
                self._submit(turn, further, pool)

    def _complete(self, suggestion: Suggestion | None) -> bool:
        specs = suggestion.specs if suggestion else ()
        return bool(specs) and all(spec.key in self._outcomes for spec in specs)

    def _reason(self, suggestion: Suggestion) -> str | None:
        reasons = (self._outcomes[spec.key].reason for spec in suggestion.specs)
        return next(filter(None, reasons), None)

    def _record_one(self, turn: Turn, suggestion: Suggestion) -> None:
        values = None if (reason := self._reason(suggestion)) else self._scorer.values(suggestion)
        configuration = self._source.record(turn, values, reason)
        study_record.append_configuration(self._folder, configuration)
        known = (*self._record.configurations, configuration)
        record = self._record.model_copy(update={"configurations": known})
        self._record = record.seen_with(self._versions)
        self._count(configuration)
        self._checkpoints.recorded(self._record)
        self._mlflow_log.log(configuration)

    def _count(self, configuration: Configuration) -> None:
        """Take a recorded configuration into the study's versions and hypervolume."""
        for key in self._tally_trials(configuration):
            self._record = self._record.seen_with(self._scorer.versions(key))
        self._scorer.add(configuration)
        self._stopping.add(configuration.number, self._scorer)

    def _tally_trials(self, configuration: Configuration) -> list[str]:
        """Count how its trials ended; the keys of those that have a result."""
        self._tally.spared += spared_by(self._study, configuration)
        keys = trained_keys(configuration)
        stored = [key for key in keys if trials.has_result(self._folder, key)]
        for key in keys:
            self._tally.add(key, key in stored)
        return stored

    def _save(self, state: State) -> None:
        now: dict[str, object] = {"state": state}
        if self._all_recorded:  # the plan counts what a search might have taken, or asks for less
            known = {key for each in self._record.configurations for key in trained_keys(each)}
            now |= {"planned": len(known), "stopped": self._stopping.stopped}
        self._record = self._record.model_copy(update=now)
        if self._restored:  # the stored record holds more than what was read of it so far
            study_record.write_study_record(self._folder, self._record)
            self._checkpoints.close(self._record.configurations)

    def _out_of_time(self) -> bool:
        cap = self._study.time_cap_minutes
        return cap is not None and self._reporter.seconds > 60 * cap

    def _report(self, pool: Pool) -> None:
        self._reporter.tell(
            self._tally.trained,
            self._tally.ended,
            self._planned,
            self._scorer.hypervolume,
            pool.presence(),
            self._stopping.news(),
        )
