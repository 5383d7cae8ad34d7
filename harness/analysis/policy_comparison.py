"""Regimes of a study compared under any exit policy, threshold selection and cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.analysis.comparison import regime_table
from harness.analysis.evaluation import Evaluation, cost_axis, evaluations, every_policy
from harness.analysis.fresh_evaluation import (
    evaluate_fresh_seeds,
    own_selection,
    without_thresholds,
)
from harness.analysis.frontiers import evaluate_on_test, regime_indices, validation_frontiers
from harness.core.budgets import CostName, at_budgets
from harness.results.study_record import StudyRecord


@dataclass(frozen=True)
class EvaluationChoice:
    """How the networks of a study are to be evaluated: the options of `harness compare`.

    Attributes
    ----------
    policies
        Exit policies by name, or with parameters as `name:{key: value}`; empty takes the study's
        own, `("all",)` all that apply.
    selection
        The threshold selection, written alike.
    calibrated
        Whether temperatures are fitted first.
    cost
        Name of the cost axis.
    device
        Where time is measured, as torch names it.
    """

    policies: tuple[str, ...] = ()
    selection: str = "exact_table"
    calibrated: bool = False
    cost: CostName = "macs"
    device: str = "cpu"


def policy_evaluations(
    folder: Path, record: StudyRecord, choice: EvaluationChoice
) -> dict[str, Evaluation]:
    """The evaluations that a choice asks for: one per exit policy, as it is written.

    Raises
    ------
    InputError
        A policy or selection is not known or has no such parameter, temperatures have no effect on
        a policy that is named, or the cost cannot be measured.
    """
    names = choice.policies
    if names == ("all",):
        names = tuple(every_policy(folder, record, choice.calibrated))
    selection = own_selection(record) if choice.selection == "exact_table" else choice.selection
    axis = cost_axis(folder, record, choice.cost, choice.device)
    return evaluations(record, names, selection, choice.calibrated, axis)


def policy_comparison(
    folder: Path,
    record: StudyRecord,
    by_policy: Mapping[str, Evaluation],
    watch: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """The regimes of a study compared under several evaluations of the same trained networks.

    Thresholds are selected on validation and evaluated once on test. `gain` is against the
    study's baseline under the same evaluation.

    Of a confirmation the columns are those of `harness.analysis.comparison.regime_table`, with
    `test_` before what is measured on test: means over the fresh seeds, whose intervals and p
    (corrected by Holm over the regimes of one policy) are of paired differences. Of a search, whose
    seeds configurations were chosen on, a regime's frontier is over all seeds together, and nothing
    is tested; thresholds that the study itself searched are ignored.

    Parameters
    ----------
    folder, record
        Of a confirmation, or of a study.
    by_policy
        As `policy_evaluations` gives them.
    watch
        Called with the name of each evaluation when it is done.

    Returns
    -------
    study, policy, regime and fresh: whether it is of a confirmation; what is said above; and
    `guarantee`, where the selection gives one: of what it holds.

    Raises
    ------
    InputError
        A policy needs gate heads, and no network of the study has any.
    """
    of_seeds = _searched_seeds if record.fresh is None else _fresh_seeds
    parts = []
    for name, evaluation in by_policy.items():
        found = of_seeds(folder, record, evaluation)
        found.insert(1, "policy", name)
        if evaluation.selection.guarantees:
            found = found.assign(guarantee=_guarantee(record))
        parts.append(found)
        watch(name)
    return pd.concat(parts, ignore_index=True)


def _fresh_seeds(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    table = regime_table(evaluate_fresh_seeds(folder, record, evaluation).tables)
    measured = ("hypervolume", "accuracy", "rmse", "spent", "best", "cost")
    return table.rename(
        columns=lambda name: f"test_{name}" if str(name).startswith(measured) else name
    )


def _searched_seeds(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    chosen = validation_frontiers(folder, without_thresholds(record), evaluation)
    indices = regime_indices(record, evaluate_on_test(folder, record, chosen, evaluation))
    found = indices.sort_values("test_hypervolume", ascending=False)
    baseline = found.loc[found["regime"] == record.spec.baseline, "test_hypervolume"]
    gain = found["test_hypervolume"] - (baseline.iloc[0] if len(baseline) else float("nan"))
    measure = record.measure
    at = (*at_budgets(f"test_{measure}"), *at_budgets("test_spent"))
    shown = ("study", "regime", "trials", "fresh", "test_hypervolume", "gain", *at)
    found = found.assign(study=record.name, fresh=False, gain=gain)
    return found[[*shown, f"test_best_{measure}"]]


def _guarantee(record: StudyRecord) -> str:
    if record.manifest.calibrated_on == "validation":
        return "none: no calibration part, networks were chosen on the same samples"
    return "of each network and level by itself; none of a frontier that picks among networks"
