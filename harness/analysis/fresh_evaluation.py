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
from harness.results.confirmation import confirmation_folder, read_confirmed, read_test_samples
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


def evaluate_fresh_seeds(study_folder: Path, evaluation: Evaluation) -> FreshEvaluation:
    """Choose each fresh seed's operating points on its validation part, and evaluate them on test.

    Thresholds that the study itself searched are ignored under another policy than its own.

    Raises
    ------
    InputError
        The study is not confirmed, or no network has what the policy needs.
    DataError
        A trial's outputs are missing or damaged.
    """
    record, folder = read_confirmed(study_folder), confirmation_folder(study_folder)
    if evaluation.policy != of_study(record).policy:
        record = without_thresholds(record)
    points = validation_points(folder, record, evaluation)
    seeds = seed_frontiers(folder, record, points, evaluation)
    tested = read_test_samples(folder, record)
    areas = hypervolumes(folder, record, seeds, evaluation, tested)
    return FreshEvaluation(folder, evaluation, tables_of(record, seeds, areas))
