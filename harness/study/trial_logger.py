"""Logging the trials of a study to MLflow, one by one; its failures never reach the study."""

import time
from collections import deque
from collections.abc import Callable, Sequence

import pandas as pd

from harness.core.types import Frontier
from harness.core.urls import shown_error
from harness.core.waiting import waiting
from harness.results import trials
from harness.results.failures import Failure, has_failure, read_failure
from harness.results.launches import add_launch
from harness.results.study_record import Configuration, StudyRecord
from harness.study.scoring import Scorer
from harness.tracking.runs import Tracker
from harness.tracking.trial_log import TrialLog

_PAUSE = 5.0
"""Least seconds between a failed call of MLflow and the next."""
_SHARE = 40.0
"""A failed call is followed by a pause of this many times what it took. As two are made in a row, a
server that is down costs a launch a twentieth of its time at most."""


class TrialLogger:
    """Logs trials once each; what fails is tried again with a later trial, and once at the end.

    Results stay on disk; `harness sync` logs what is missing.

    Parameters
    ----------
    connect
        Opens the store for the study.
    goes_on
        Whether to log below the newest launch of the study, if there is one, and not a new one.

    Attributes
    ----------
    logged
        How many trials were logged.
    notice
        What its user should know beside `fault`.
    """

    def __init__(
        self, scorer: Scorer, connect: Callable[[], Tracker], goes_on: bool = False
    ) -> None:
        self.logged = 0
        self.notice: str | None = None
        self._scorer = scorer
        self._connect = connect
        self._goes_on = goes_on
        self._tracker: Tracker | None = None
        self._token: str | None = None
        self._known: set[str] = set()
        self._opened = False
        self._waiting: deque[tuple[Configuration, str]] = deque()
        self._failed, self._reason = False, ""
        self._not_before = 0.0

    @property
    def fault(self) -> str | None:
        """How many trials are not logged and why, in words; None when all is well."""
        if self._waiting:
            most = "" if self._opened else "up to "
            return f"trials not logged to MLflow: {most}{len(self._waiting)} ({self._reason})"
        return f"MLflow: the launch's run is not ended ({self._reason})" if self._failed else None

    @property
    def failing(self) -> bool:
        """Whether the last call of MLflow failed."""
        return self._failed or self._pausing()

    def log(self, configurations: Sequence[Configuration]) -> None:
        """Log those trials of configurations that MLflow does not have yet."""
        self._waiting.extend((each, key) for each in configurations for key in each.keys)
        if not self._pausing():
            self._log_waiting()

    def finish(self, record: StudyRecord) -> None:
        """Log what is left, and end the launch's own run with the study's figures so far."""
        metrics = {
            "hypervolume": self._scorer.hypervolume,
            "configurations": len(record.configurations),
            "failed": len(record.failed()),
        }
        if record.state == "interrupted" and self.failing:
            return  # who interrupts a launch does not wait for a server that is down
        with waiting("logging to MLflow"):
            responds = self._log_waiting()
            if responds and (token := self._token) is not None:
                self._attempt(lambda tracker: tracker.finish_launch(token, metrics, record.state))

    def _pausing(self) -> bool:
        return time.monotonic() < self._not_before

    def _log_waiting(self) -> bool:
        """Log what waits, each once; what fails goes to the end of the line.

        A trial that fails where the next succeeds is at fault itself. Two failures in a row are the
        store's: the rest is left for later, and False returned.
        """
        failed_before = False
        for _ in range(len(self._waiting)):
            if self._attempt(self._log_first):
                self._waiting.popleft()
            else:
                self._waiting.rotate(-1)
                if failed_before:
                    return False
            failed_before = self._failed
        return True

    def _attempt(self, action: Callable[[Tracker], None]) -> bool:
        """Whether the action succeeded; after a failure the next one opens the store anew."""
        began = time.monotonic()
        try:
            action(self._connected())
        except BaseException as error:
            # What was half logged is found and deleted when the store is opened again.
            self._tracker = None
            if not isinstance(error, Exception):
                raise
            self._failed, self._reason = True, shown_error(error)
            ended = time.monotonic()
            self._not_before = ended + max(_PAUSE, _SHARE * (ended - began))
            return False
        self._failed = False
        return True

    def _connected(self) -> Tracker:
        if self._tracker is None:
            with waiting("opening MLflow's store"):
                tracker = self._connect()
            if self._token is None and self._goes_on:
                self._token = tracker.newest_launch()
            tracker.close_left_open(self._token)
            # What failed may have been forgotten since, and trained anew.
            self._known = {
                key
                for key, failed in tracker.logged().items()
                if not failed or has_failure(self._scorer.folder, key)
            }
            self.notice = self.notice or tracker.notice
            self._tracker, self._opened = tracker, True
        return self._tracker

    def _log_first(self, tracker: Tracker) -> None:
        configuration, key = self._waiting[0]
        if key in self._known:
            return
        with waiting("logging to MLflow"):
            self._log_one(tracker, configuration, key)

    def _log_one(self, tracker: Tracker, configuration: Configuration, key: str) -> None:
        log = self._trial_log(configuration, key)
        if self._token is None:
            self._token = add_launch(self._scorer.folder)
        tracker.log_trial(self._token, log)
        self._known.add(key)
        self.logged += 1

    def _trial_log(self, configuration: Configuration, key: str) -> TrialLog:
        folder = self._scorer.folder
        if trials.has_result(folder, key):
            return self._success(configuration, key)
        return _failed(configuration, read_failure(folder, key))

    def _success(self, configuration: Configuration, key: str) -> TrialLog:
        found = self._scorer.summary(key, configuration.thresholds)
        return TrialLog(
            found.spec,
            configuration.number,
            found.metrics,
            found.curve,
            _frame(found.frontier),
            found.seconds,
            versions=found.versions,
            proposed=configuration.parameters,
            score="accuracy" if self._scorer.reference.rmse is None else "R²",
        )


def _failed(configuration: Configuration, failure: Failure) -> TrialLog:
    facts = failure.facts
    return TrialLog(
        spec=facts.spec,
        configuration=configuration.number,
        metrics={},
        curve=failure.curve,
        frontier=None,
        seconds=facts.seconds,
        reason=facts.reason,
        versions=facts.versions,
        proposed=configuration.parameters,
    )


def _frame(found: Frontier) -> pd.DataFrame:
    columns = {f"threshold_{e + 1}": values for e, values in enumerate(found.thresholds.T)}
    return pd.DataFrame({**columns, "relative_cost": found.cost, "accuracy": found.score})
