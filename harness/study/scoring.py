"""The objective values of a configuration, from its trials' validation frontiers."""

import functools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.core.budgets import BUDGETS, at_budgets, percent
from harness.core.types import Frontier
from harness.frontier.pareto import accuracy_at, hypervolume, knee, non_dominated
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.trial_frontier import trial_frontier
from harness.policies import policy_of
from harness.policies.predictions import apply_policy
from harness.results import study_record, trials
from harness.results.study_record import StudyRecord

if TYPE_CHECKING:
    from harness.study.space import Suggestion


class Scorer:
    """Computes validation frontiers and objectives of a study's trials, each once.

    Parameters
    ----------
    record
        Names metrics, exit policy and threshold levels, and holds the reference point.
    folder
        The study's folder of results.
    """

    def __init__(self, record: StudyRecord, folder: Path) -> None:
        study = record.spec
        self._metrics = study.metric_names
        self._selection = ExactTable(levels=study.thresholds.levels or 0)
        self.reference = record.reference
        self.folder = folder
        self.policy = policy_of(study.policy)
        self._points = np.empty((0, 2))

    def values(self, suggestion: "Suggestion") -> tuple[float, ...]:
        """The study's metrics of one proposed configuration."""
        seeds = sorted({spec.seed for spec in suggestion.specs})
        keys = [[spec.key for spec in suggestion.specs if spec.seed == seed] for seed in seeds]
        return self.objectives(keys, suggestion.thresholds)

    def objectives(
        self, keys: Sequence[Sequence[str]], thresholds: tuple[float, ...] | None
    ) -> tuple[float, ...]:
        """The study's metrics of one configuration: computed per seed, then averaged.

        Parameters
        ----------
        keys
            Of its trials, by seed.
        thresholds
            That were searched; None for those of the exact table.
        """
        per_seed = [
            self._metrics_of([self.frontier(key, thresholds) for key in own]) for own in keys
        ]
        return tuple(float(value) for value in np.mean(per_seed, axis=0))

    @functools.lru_cache(maxsize=64)  # noqa: B019 -- one scorer lives as long as its launch
    def frontier(self, key: str, thresholds: tuple[float, ...] | None) -> Frontier:
        """Validation frontier of one trial, its costs relative to the study's reference."""
        result = trials.read_trial(self.folder, key)
        predictions = apply_policy(self.policy, result.validation, result.fitting)
        costs = result.costs.macs / self.reference.macs
        return trial_frontier(predictions, costs, self._selection, thresholds)

    def add(self, configuration: study_record.Configuration) -> None:
        """Add a recorded configuration's points to the study's hypervolume."""
        if configuration.objectives is None:
            return
        found = [self.frontier(key, configuration.thresholds) for key in configuration.keys]
        points = [np.column_stack([f.cost, f.score]) for f in found]
        every = np.concatenate([self._points, *points])
        self._points = every[non_dominated(every[:, 0], every[:, 1])]

    @property
    def hypervolume(self) -> float:
        """Hypervolume of all configurations added so far."""
        return hypervolume(self._points[:, 0], self._points[:, 1], 1.0, self.reference.score)

    def summary(self, frontiers: Sequence[Frontier]) -> dict[str, float]:
        """Every metric a study may name, of the union of some frontiers (relative costs).

        The accuracy within a budget is minus infinity where every point costs more.
        """
        cost = np.concatenate([f.cost for f in frontiers])
        accuracy = np.concatenate([f.score for f in frontiers])
        floor = self.reference.score
        best = knee(cost, accuracy, 1.0, floor)
        budgets = {
            f"accuracy_at_{percent(budget)}": accuracy_at(cost, accuracy, budget, -math.inf)
            for budget in BUDGETS
        }
        return {
            "accuracy": float(accuracy[best]),
            "cost": float(cost[best]),
            "hypervolume": hypervolume(cost, accuracy, 1.0, floor),
            "best_accuracy": float(accuracy.max()),
            **budgets,
        }

    def _metrics_of(self, frontiers: Sequence[Frontier]) -> list[float]:
        found, floor = self.summary(frontiers), self.reference.score
        # Within a budget that no point keeps, Optuna is told of predicting without the network.
        least = dict.fromkeys(at_budgets("accuracy"), floor)
        return [max(found[name], least.get(name, -math.inf)) for name in self._metrics]
