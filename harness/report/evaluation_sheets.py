"""Regimes under another exit policy, threshold selection or cost, as tables with their notes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from harness.analysis.policy_comparison import EvaluationChoice
from harness.core.budgets import CostName
from harness.report.exceeded import exceeded_note, mark_exceeded
from harness.report.formats import cells
from harness.report.remarks import remarks
from harness.report.sheets import (
    HEADS,
    TEST_HEADS,
    Sheet,
    Sheets,
    interval_heads,
    ordered,
    seeds_in_words,
)

_EVALUATIONS_FIRST = (
    *("study", "policy", "regime", "test_hypervolume", "gain"),
    *("p_holm", "seeds", "test_best_accuracy", "test_best_rmse"),
)
_ON_FRESH = (
    "Hypervolumes are means over the fresh seeds of each seed's own frontier, and p-values of the "
    "signed-rank test on their differences, corrected by Holm over the regimes of one policy. They "
    "are of the configurations that were found: what they allow to conclude of regimes, `harness "
    "compare` says without other options."
)
_ON_SEARCHED = (
    "A regime's frontier is over all its searched seeds together, which is exploratory; "
    "`harness confirm` trains what was found on fresh seeds."
)
_COSTS: dict[CostName, str] = {
    "macs": "in MACs",
    "parameters": "in parameters",
    "latency": "the latency of single samples, measured here on {where}",
    "throughput": "the seconds per sample of a batch, measured here on {where}",
}


def evaluation_sheets(tables: Sequence[pd.DataFrame], choice: EvaluationChoice) -> Sheets:
    """The tables that `policy_comparison` made of some studies, as one; fresh seeds by themselves.

    Means over fresh seeds and frontiers over all searched seeds are not of one kind: where studies
    have either, they make two sheets.
    """
    table = pd.concat(tables, ignore_index=True)
    kinds: dict[bool, list[pd.DataFrame]] = defaultdict(list)
    for own in tables:
        kinds[bool(own["fresh"].all())].append(own)
    sheets = [
        _evaluation_sheet(pd.concat(each, ignore_index=True), choice, fresh)
        for fresh, each in kinds.items()
    ]
    return Sheets(table, tuple(sheets))


def _evaluation_sheet(table: pd.DataFrame, choice: EvaluationChoice, fresh: bool) -> Sheet:
    names = list(table["study"].unique())
    several = [] if len(names) > 1 else ["study"]
    unread = ["guarantee", "fresh", "p", "smallest_p", "attains_baseline", "interval_of", *several]
    shown = mark_exceeded(table.drop(columns=unread, errors="ignore"), "test_")
    shown = ordered(shown, _EVALUATIONS_FIRST, last=("trials",))
    calibrated = "calibrated " if choice.calibrated else ""
    chosen_on, guarantees = "on validation", ""
    if "guarantee" in table:
        chosen_on = "on the calibration part, or validation where there is none,"
        pairs = table[["study", "guarantee"]].drop_duplicates().itertuples(index=False)
        guarantees = "".join(f" Guarantee in {study}: {words}." for study, words in pairs)
    return Sheet(
        title=f"{', '.join(names)}: regimes by exit policy, threshold selection and cost, over "
        f"{seeds_in_words(fresh)}",
        note=f"Thresholds of each {calibrated}policy are chosen {chosen_on} by "
        f"{choice.selection} and evaluated once on test; cost is {_cost_in_words(choice)}. "
        f"{_ON_FRESH if fresh else _ON_SEARCHED} Gain is test hypervolume less that of the "
        f"study's baseline under the same policy.{guarantees}{exceeded_note(shown)}"
        f"{remarks(table, 'test_')}",
        text=cells(shown, _evaluation_heads(table)),
        label="tab:evaluations",
    )


def _evaluation_heads(table: pd.DataFrame) -> Mapping[str, str]:
    if "interval_of" not in table:
        return TEST_HEADS
    found = {"test_hypervolume": "test hypervolume [95%]", "gain": "gain [95%]"}
    heads = HEADS | TEST_HEADS | found
    return heads | interval_heads(table, heads)


def _cost_in_words(choice: EvaluationChoice) -> str:
    where = "one CPU thread" if choice.device == "cpu" else choice.device
    return _COSTS[choice.cost].format(where=where)
