"""Names and values of score columns: accuracy, or R^2 and RMSE for a regression."""

import numpy as np

from harness.core.types import Floats
from harness.metrics.regression import rmse_of
from harness.results.study_record import StudyRecord


def score_columns(record: StudyRecord, form: str, score: Floats) -> dict[str, Floats]:
    """The columns that hold mean scores, by name.

    Parameters
    ----------
    form
        How they are named, such as `validation_{}`: `validation_accuracy` of a classification,
        `validation_r2` and `validation_rmse` of a regression.
    score
        Accuracies, or R^2 of a regression, whose RMSE is in the unit of the study's reference.
    """
    found = {form.format(record.score): score}
    if record.reference.rmse is not None:
        found[form.format("rmse")] = rmse_of(score, record.reference.rmse)
    return found


def score_values(record: StudyRecord, form: str, score: float) -> dict[str, float]:
    """One mean score as `score_columns` names it."""
    columns = score_columns(record, form, np.array(score))
    return {name: float(value) for name, value in columns.items()}
