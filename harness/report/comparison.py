"""Regimes of a study compared under any exit policy, threshold selection and cost."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from harness.report.evaluation import Evaluation
from harness.report.frontiers import add_test_images, regime_indices, validation_frontiers
from harness.results.study_record import StudyRecord

SHOWN = (
    "trials",
    "test_hypervolume",
    "gain",
    "test_accuracy_at_25",
    "test_accuracy_at_50",
    "test_accuracy_at_75",
    "test_best_accuracy",
)


def policy_comparison(
    folder: Path,
    record: StudyRecord,
    evaluations: Sequence[tuple[str, Evaluation]],
    watch: Callable[[str], None],
) -> pd.DataFrame:
    """The regimes of a study under several named evaluations of the same trained networks.

    Thresholds are selected on validation and evaluated once on test. `gain` is against `joint`
    under the same evaluation. A regime's frontier is over all its seeds together. Thresholds that
    the study itself searched are put aside.

    Parameters
    ----------
    watch
        Called with the name of each evaluation when it is done.

    Raises
    ------
    InputError
        A policy needs what no network of the study gives.
    """
    free = tuple(c.model_copy(update={"thresholds": None}) for c in record.configurations)
    unsearched = record.model_copy(update={"configurations": free})
    parts = []
    for name, evaluation in evaluations:
        chosen = validation_frontiers(folder, unsearched, evaluation)
        indices = regime_indices(record, add_test_images(folder, chosen, evaluation))
        parts.append(_ranked(indices, {"study": record.name, "policy": name}))
        watch(name)
    return pd.concat(parts, ignore_index=True)


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a table as plain data, missing values as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _ranked(indices: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    found = indices.sort_values("test_hypervolume", ascending=False)
    joint = found.loc[found["regime"] == "joint", "test_hypervolume"]
    gain = found["test_hypervolume"] - (joint.iloc[0] if len(joint) else float("nan"))
    return found.assign(**names, gain=gain)[[*names, "regime", *shown_of(indices, SHOWN)]]


def shown_of(indices: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """The columns to show: RMSE in place of R^2 where the indices are of a regression."""
    errors = {column: column.replace("accuracy", "rmse") for column in columns}
    return [errors[column] if errors[column] in indices else column for column in columns]
