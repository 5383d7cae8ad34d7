"""The operating points of a confirmation, to be chosen from on validation and judged on test.

Part of the frontier stage, like `harness.analysis.frontiers`: it reads the test logits, for points
that validation chose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import threshold_vectors
from harness.analysis.evaluation import Evaluation
from harness.analysis.frontiers import validation_points
from harness.analysis.seeds import resampled_means
from harness.core.types import Floats, Ints
from harness.policies.predictions import ExitPredictions
from harness.policies.routing import route
from harness.results import trials
from harness.results.confirmation import read_test_samples
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord


@dataclass(frozen=True)
class Judged:
    """What a configuration's points, one per fresh seed, do on test.

    Attributes
    ----------
    scores, costs
        Mean score and relative cost: rows (study, seed), columns replicates 0 (the test part as it
        is), 1, ... B, as `harness.analysis.pairs.over_units` takes them.
    routing
        [S, E]: share of each seed's samples that leaves at each exit, counted by depth.
    """

    scores: pd.DataFrame
    costs: pd.DataFrame
    routing: Floats


@dataclass(frozen=True)
class ConfirmedPoints:
    """The operating points of a confirmation under one evaluation.

    Attributes
    ----------
    folder
        Of the confirmation.
    points
        As `harness.analysis.frontiers.validation_points` makes them.
    tested
        Which samples of the data set each seed is tested on.
    """

    folder: Path
    record: StudyRecord
    evaluation: Evaluation
    points: pd.DataFrame
    tested: Mapping[int, Ints]
    _networks: dict[str, tuple[ExitPredictions, Floats]] = field(
        default_factory=dict, init=False, repr=False
    )
    _judged: dict[tuple[int, ...], Judged] = field(default_factory=dict, init=False, repr=False)
    """By the points' `place`: neighbouring goals choose the same ones."""

    @classmethod
    def of(cls, folder: Path, record: StudyRecord, evaluation: Evaluation) -> "ConfirmedPoints":
        """The points of a confirmation; errors of `validation_points`."""
        points = validation_points(folder, record, evaluation)
        return cls(folder, record, evaluation, points, read_test_samples(folder, record))

    @cached_property
    def pool(self) -> Ints:
        """All samples that some seed is tested on."""
        return np.unique(np.concatenate(list(self.tested.values())))

    def judge(self, rows: pd.DataFrame) -> Judged:
        """Evaluate a configuration's points, one per seed, once on test.

        Parameters
        ----------
        rows
            Of `placed`.
        """
        places = tuple(int(place) for place in rows["place"])
        if places not in self._judged:
            self._judged[places] = self._judge(rows)
        return self._judged[places]

    @cached_property
    def placed(self) -> pd.DataFrame:
        """The points, each with its position in the column `place`."""
        return self.points.assign(place=np.arange(len(self.points)))

    def _judge(self, rows: pd.DataFrame) -> Judged:
        exits = 1 + sum(str(name).startswith("threshold_") for name in rows)
        seeds = [int(seed) for seed in rows["seed"]]
        scores, costs, routing = [], [], np.zeros((len(rows), exits))
        for index, (key, first) in enumerate(zip(rows["key"], rows["static_exit"], strict=True)):
            predictions, paid = self._network(str(key))
            vector = threshold_vectors(rows.iloc[[index]], len(paid))[0]
            taken = route(predictions.confidence, vector)
            samples = np.arange(len(taken))
            scores.append(predictions.score[taken, samples].astype(np.float64))
            costs.append(paid[taken])
            depth = taken + max(int(first), 1) - 1
            routing[index] = np.bincount(depth, minlength=exits) / len(taken)
        places = [np.searchsorted(self.pool, self.tested[seed]) for seed in seeds]
        names = pd.MultiIndex.from_product([[self.record.name], seeds], names=["study", "seed"])
        score_rows, cost_rows = (
            pd.DataFrame(resampled_means(each, places, len(self.pool)), index=names)
            for each in (scores, costs)
        )
        return Judged(score_rows, cost_rows, routing)

    def _network(self, key: str) -> tuple[ExitPredictions, Floats]:
        """Test predictions of a trial, and its relative cost of leaving at each exit [E]."""
        if key not in self._networks:
            result, axis = trials.read_trial(self.folder, key), self.evaluation.axis
            predictions = self.evaluation.predict(result, read_test(self.folder, key))
            self._networks[key] = predictions, axis.per_exit(result) / axis.reference
        return self._networks[key]
