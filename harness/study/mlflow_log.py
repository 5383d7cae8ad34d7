"""The MLflow log of a study; its failures never reach the study."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from harness.core.types import Floats, Frontier
from harness.metrics.network import network_metrics
from harness.policies.predictions import apply_policy
from harness.policies.routing import route
from harness.results import trials
from harness.results.failures import Failure, read_failure
from harness.results.study_record import Configuration, StudyRecord
from harness.study.scoring import Scorer
from harness.tracking.runs import Tracker, TrialLog


class MlflowLog:
    """Logs trials once each, and stops at the first failure of the store.

    Results stay on disk; `harness sync` logs what is missing.

    Parameters
    ----------
    connect
        Opens the store and the launch's parent run.
    """

    def __init__(self, scorer: Scorer, connect: Callable[[], tuple[Tracker, str]]) -> None:
        self.scorer = scorer
        self.fault: str | None = None
        self.logged = 0
        self._attempt(lambda: self._open(connect))

    def log(self, configuration: Configuration) -> None:
        """Log those trials of a configuration that MLflow does not have yet."""
        for key in configuration.keys:
            if self.fault is None and key not in self._known:
                self._attempt(lambda key=key: self._log_trial(configuration, key))  # type: ignore[misc]

    def finish(self, record: StudyRecord) -> None:
        """End the parent run with the study's figures so far."""
        metrics = {
            "hypervolume": self.scorer.hypervolume,
            "configurations": len(record.configurations),
            "failed": len(record.failed()),
        }
        self._attempt(lambda: self._tracker.finish_launch(self._parent, metrics, record.state))

    def _open(self, connect: Callable[[], tuple[Tracker, str]]) -> None:
        self._tracker, self._parent = connect()
        self._known = set(self._tracker.logged_keys())

    def _attempt(self, action: Callable[[], None]) -> None:
        if self.fault is not None:
            return
        try:
            action()
        except Exception as error:
            self.fault = f"{type(error).__name__}: {error}".splitlines()[0]

    def _log_trial(self, configuration: Configuration, key: str) -> None:
        folder = self.scorer.folder
        if trials.has_result(folder, key):
            log = self._success(configuration, key)
        else:
            log = _failed(configuration, read_failure(folder, key))
        self._tracker.log_trial(self._parent, log)
        self._known.add(key)
        self.logged += 1

    def _success(self, configuration: Configuration, key: str) -> TrialLog:
        result = trials.read_trial(self.scorer.folder, key)
        found = self.scorer.frontier(key, configuration.thresholds)
        summary = self.scorer.summary([found])
        point = int(np.argmin(np.abs(found.cost - summary["cost"])))
        predictions = apply_policy(self.scorer.policy, result.validation, result.fitting)
        metrics = network_metrics(
            result.validation,
            predictions,
            result.costs,
            route(predictions.confidence, found.thresholds[point]),
            self.scorer.reference.macs,
            self.scorer.reference.rmse or 1.0,
        )
        costs = _costs(result.costs.macs, self.scorer.reference.macs)
        every = {**summary, **metrics, **costs, "train_seconds": result.seconds}
        spec = result.spec
        frame, number = _frame(found), configuration.number
        return TrialLog(spec, number, every, result.curve, frame, result.seconds)


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
    )


def _costs(macs: Floats, reference: float) -> dict[str, float]:
    found = {}
    for exit_number, value in enumerate(macs, start=1):
        found[f"macs_exit_{exit_number}"] = float(value)
        found[f"relative_cost_exit_{exit_number}"] = float(value / reference)
    return found


def _frame(found: Frontier) -> pd.DataFrame:
    columns = {f"threshold_{e + 1}": values for e, values in enumerate(found.thresholds.T)}
    return pd.DataFrame({**columns, "relative_cost": found.cost, "accuracy": found.score})
