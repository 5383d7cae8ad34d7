"""What a confirmed study found: each regime at each operating point, on the test part.

A row is of one regime, exit policy, cost axis and way to choose an operating point; all of it is
chosen on validation, and means are over the fresh seeds.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from harness.analysis.chosen_points import best_within
from harness.analysis.comparison import regime_table
from harness.analysis.evaluation import cost_axis, evaluations
from harness.analysis.fresh_evaluation import (
    FreshEvaluation,
    evaluate_fresh_seeds,
    own_selection,
)
from harness.analysis.given_routing import metrics_at_routing
from harness.analysis.regime_metrics import ROUTING, means_over_seeds
from harness.core.budgets import BUDGETS, CostName
from harness.results.confirmation import confirmation_folder, read_confirmed
from harness.results.findings import Finding
from harness.results.study_record import StudyRecord

ALL_BUDGETS = (*BUDGETS, 1.0)
_METRICS = {
    "accuracy": "oa",
    "average_accuracy": "aa",
    **{name: name for name in ("kappa", "f1_weighted", "f1_macro", "r2", "rmse")},
    **{name: name for name in ("precision_weighted", "recall_weighted")},
    **{f"accuracy_{end}": f"oa_{end}" for end in ("low", "high")},
    **{f"f1_weighted_{end}": f"f1_weighted_{end}" for end in ("low", "high")},
}
"""Fields of a finding, and the metrics that they hold."""
_OF_FRONTIER = ("hypervolume", "gain")


@dataclass(frozen=True)
class Asked:
    """What findings are asked for.

    Attributes
    ----------
    policies
        Exit policies, as `harness.analysis.evaluation.evaluations` takes them; empty for the
        study's own.
    costs
        Cost axes.
    at_routing
        Shares per exit [E]: also where so many samples leave; empty for none.
    """

    policies: tuple[str, ...] = ()
    costs: tuple[CostName, ...] = ("macs",)
    at_routing: tuple[float, ...] = ()


def study_findings(
    study_folder: Path, asked: Asked, watch: Callable[[str], None] = lambda _: None
) -> tuple[StudyRecord, tuple[Finding, ...]]:
    """The findings of a confirmed study, and its confirmation's record.

    Parameters
    ----------
    watch
        Called with the name of each policy and cost axis when it is done.

    Raises
    ------
    InputError
        The study is not confirmed, a policy or routing does not apply to it.
    DataError
        A trial's outputs are missing or damaged.
    """
    record, folder = read_confirmed(study_folder), confirmation_folder(study_folder)
    rows: list[Finding] = []
    for cost in asked.costs:
        axis = cost_axis(folder, record, cost)
        found = evaluations(record, asked.policies, own_selection(record), False, axis)
        for policy, evaluation in found.items():
            fresh = evaluate_fresh_seeds(folder, record, evaluation)
            rows += _rows(fresh, policy, cost, asked.at_routing)
            watch(f"{policy}, {cost}")
    return record, tuple(rows)


def _rows(
    fresh: FreshEvaluation, policy: str, cost: CostName, wanted: tuple[float, ...]
) -> Iterator[Finding]:
    frontiers = fresh.tables.frontiers
    regimes = {str(row["regime"]): row for row in regime_table(fresh.tables).to_dict("records")}
    shared = {"policy": policy, "cost_axis": cost, **_of_study(fresh.tables.record)}
    at = fresh.metrics(_best_within_budgets(frontiers))
    for budget in ALL_BUDGETS:
        yield from _means(fresh, regimes, at[at["budget"] == budget], {**shared, "budget": budget})
    if wanted:
        chosen = {**shared, "at_routing": wanted}
        yield from _means(fresh, regimes, metrics_at_routing(fresh, wanted), chosen)


def _best_within_budgets(frontiers: pd.DataFrame) -> pd.DataFrame:
    """The points that are best on validation within the budgets: other points cost time alone."""
    chosen: set[int] = set()
    for _, points in frontiers.groupby(["regime", "seed"]):
        places = (best_within(points, budget) for budget in ALL_BUDGETS)
        chosen |= {int(points.index[place]) for place in places if place is not None}
    return frontiers.loc[sorted(chosen)]


def _means(
    fresh: FreshEvaluation,
    regimes: Mapping[str, Mapping[Hashable, Any]],
    points: pd.DataFrame,
    shared: Mapping[str, object],
) -> Iterator[Finding]:
    """A finding for each regime of which every seed has a point, best accuracy or error first."""
    for name, rows in points.groupby("regime"):
        regime = regimes[str(name)]
        if len(rows) < regime["seeds"]:
            continue
        means = means_over_seeds(fresh.tables, rows)
        shares = sorted(each for each in means if each.startswith(ROUTING))
        of_frontier = [f"{each}{end}" for each in _OF_FRONTIER for end in ("", "_low", "_high")]
        yield Finding.model_validate(
            {
                "budget": None,
                "at_routing": None,
                **shared,
                "regime": str(name),
                "seeds": regime["seeds"],
                "trials": regime["trials"],
                **{field: _number(means.get(metric)) for field, metric in _METRICS.items()},
                "routing": tuple(means[share] for share in shares),
                "relative_cost": means["cost"],
                **{field: _number(regime[field]) for field in (*of_frontier, "p_holm")},
            }
        )


def _of_study(record: StudyRecord) -> dict[str, object]:
    split, spec = record.manifest.spec, record.spec
    epochs = spec.training.get("epochs")
    return {
        "study": record.name,
        "dataset": split.dataset,
        "split": spec.split,
        "train_share": split.train,
        "backbone": spec.backbone.name,
        "epochs": epochs if isinstance(epochs, int) else None,
        "searches": len(record.fresh.searches) if record.fresh else 1,
        "baseline": spec.baseline,
        "data_digest": record.data_digest,
    }


def _number(value: object) -> float | None:
    """None for what is missing: JSON has no NaN."""
    found = float(value) if isinstance(value, int | float) else math.nan
    return None if math.isnan(found) else found
