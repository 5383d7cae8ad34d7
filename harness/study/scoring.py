"""The objective values of a configuration, from its trials' validation frontiers."""

import functools
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.core.budgets import at_budgets
from harness.core.types import Frontier
from harness.frontier.pareto import hypervolume, non_dominated
from harness.results import study_record, trials
from harness.results.study_record import StudyRecord
from harness.study.trial_summary import (
    SummaryRecipe,
    TrialSummary,
    merits,
    summarise,
    validation_frontier,
)

if TYPE_CHECKING:
    from harness.study.space import Suggestion

_KEPT = 256
"""Summaries that are kept for who needs them next: those of the newest trials."""


class Scorer:
    """Computes the objectives of a study's configurations, from summaries of its trials.

    Parameters
    ----------
    record
        Names metrics, exit policy and threshold levels, and holds the reference point.
    folder
        The study's folder of results.
    """

    def __init__(self, record: StudyRecord, folder: Path) -> None:
        self._metrics = record.spec.metric_names
        self.recipe = SummaryRecipe.of(record)
        self.reference = record.reference
        self.folder = folder
        self._summaries: OrderedDict[str, TrialSummary] = OrderedDict()
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

    def keep(self, summary: TrialSummary) -> None:
        """Take the summary of a trial from who trained it."""
        self._summaries[summary.spec.key] = summary
        if len(self._summaries) > _KEPT:
            self._summaries.popitem(last=False)

    def summary(self, key: str, thresholds: tuple[float, ...] | None) -> TrialSummary:
        """The summary of one trial: kept, or made of its stored outputs."""
        found = self._summaries.get(key)
        return found or summarise(trials.read_trial(self.folder, key), self.recipe, thresholds)

    def versions(self, key: str) -> Mapping[str, str]:
        """Library to version, of the environment that trained a trial."""
        found = self._summaries.get(key)
        return found.versions if found else trials.read_versions(self.folder, key)

    @functools.lru_cache(maxsize=_KEPT)  # noqa: B019 -- one scorer lives as long as its launch
    def frontier(self, key: str, thresholds: tuple[float, ...] | None) -> Frontier:
        """Validation frontier of one trial, its costs relative to the study's reference."""
        if found := self._summaries.get(key):
            return found.frontier
        return validation_frontier(trials.read_trial(self.folder, key), self.recipe, thresholds)

    def add(self, configuration: study_record.Configuration) -> None:
        """Add a recorded configuration's points to the study's hypervolume."""
        if configuration.objectives is None:
            return
        found = [self.frontier(key, configuration.thresholds) for key in configuration.keys]
        points = [np.column_stack([f.cost, f.score]) for f in found]
        every = np.concatenate([self._points, *points])
        self._points = every[non_dominated(every[:, 0], every[:, 1])]

    @property
    def front(self) -> tuple[tuple[float, float], ...]:
        """The non-dominated points of all configurations added so far: relative cost, score."""
        return tuple((float(cost), float(score)) for cost, score in self._points)

    def take_up(self, front: Sequence[tuple[float, float]]) -> None:
        """Go on from the points of configurations that were added before."""
        self._points = np.array(front, dtype=np.float64).reshape(-1, 2)

    @property
    def hypervolume(self) -> float:
        """Hypervolume of all configurations added so far."""
        return hypervolume(self._points[:, 0], self._points[:, 1], 1.0, self.reference.score)

    def _metrics_of(self, frontiers: Sequence[Frontier]) -> list[float]:
        found, floor = merits(frontiers, self.reference.score), self.reference.score
        # Within a budget that no point keeps, Optuna is told of predicting without the network.
        least = dict.fromkeys(at_budgets("accuracy"), floor)
        return [max(found[name], least.get(name, -math.inf)) for name in self._metrics]
