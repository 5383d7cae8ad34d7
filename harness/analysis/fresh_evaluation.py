"""A confirmed study's networks, trained on fresh seeds, under any exit policy and cost.

Part of the frontier stage, like `harness.analysis.frontiers`: it reads the test logits, for points
that validation chose.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.analysis.evaluation import Evaluation, of_study
from harness.analysis.frontiers import validation_points
from harness.analysis.metrics_at_budgets import metrics_at_budgets
from harness.analysis.pairs import SeedTables, tables_of
from harness.analysis.seeds import hypervolumes, seed_frontiers
from harness.results.confirmation import read_test_samples
from harness.results.study_record import StudyRecord


@dataclass(frozen=True)
class FreshEvaluation:
    """Frontiers of each fresh seed under one evaluation.

    Attributes
    ----------
    folder
        Of the confirmation.
    tables
        Frontiers and test hypervolumes per seed.
    """

    folder: Path
    evaluation: Evaluation
    tables: SeedTables

    def metrics(self, points: pd.DataFrame) -> pd.DataFrame:
        """Metrics at budgets (`harness.analysis.metrics_at_budgets`) of some of its points."""
        return metrics_at_budgets(self.folder, self.tables.record, points, self.evaluation)


def without_thresholds(record: StudyRecord) -> StudyRecord:
    """A record whose configurations have no searched thresholds: those are of its own policy."""
    free = tuple(c.model_copy(update={"thresholds": None}) for c in record.configurations)
    return record.model_copy(update={"configurations": free})


def own_selection(record: StudyRecord) -> str:
    """The study's own threshold selection as text: the exact table, on the study's grid."""
    levels = record.spec.thresholds.levels
    return f"exact_table:{{levels: {levels}}}" if levels else "exact_table"


def evaluate_fresh_seeds(
    folder: Path, record: StudyRecord, evaluation: Evaluation
) -> FreshEvaluation:
    """Choose each fresh seed's operating points on its validation part, and evaluate them on test.

    Thresholds that the study itself searched are ignored under another evaluation than its own.

    Parameters
    ----------
    folder, record
        Of a confirmation.

    Raises
    ------
    InputError
        No network has what the policy needs.
    DataError
        A trial's outputs are missing or damaged.
    """
    own = of_study(record)
    if (evaluation.policy, evaluation.selection) != (own.policy, own.selection):
        record = without_thresholds(record)
    points = validation_points(folder, record, evaluation)
    seeds = seed_frontiers(folder, record, points, evaluation)
    tested = read_test_samples(folder, record)
    areas = hypervolumes(folder, record, seeds, evaluation, tested)
    return FreshEvaluation(folder, evaluation, tables_of(record, seeds, areas))
