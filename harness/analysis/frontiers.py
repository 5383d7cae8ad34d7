"""Pareto frontiers of a study's regimes: chosen on validation, evaluated once on test.

Part of the frontier stage, whose modules alone may import `harness.results.sealed` and so read the
test logits.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import best_within, staircase_of, threshold_vectors
from harness.analysis.evaluation import Evaluation
from harness.analysis.scores import score_columns, score_values
from harness.analysis.trial_points import shares_by_exit, trial_points, with_all_exits
from harness.core.budgets import BUDGETS, percent
from harness.core.errors import InputError
from harness.core.types import Floats
from harness.frontier.evaluate import evaluate
from harness.frontier.pareto import frontier_indices, non_dominated
from harness.frontier.staircase import area, epsilon
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord
from harness.results.tables import cost_and_score

LAST = "last_"
"""What begins the columns of an exit's score after the last epoch, in the facts of trials."""
SHARES_OF_BEST = (0.95, 0.99)
"""Shares of the study's best accuracy at which costs are reported."""


def validation_points(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    """The operating points of every trial on validation: one row each.

    Columns: regime, key, configuration, seed, static_exit, threshold_1.., validation_accuracy (of
    a regression validation_r2 and validation_rmse), validation_macs (or another axis),
    validation_cost (relative to the study's reference), validation_share_exit_1.. (of the samples,
    which leave there; exits count by their depth, for static networks too).
    Networks that lack what the policy needs are left out.

    Raises
    ------
    InputError
        No network of the study has what the policy needs.
    """
    found = (
        trial_points(trials.read_trial(folder, key), configuration, record, evaluation)
        for configuration in record.succeeded()
        for key in configuration.keys
    )
    points = [each for each in found if each is not None]
    if not points:
        raise no_points(folder)
    return with_all_exits(pd.concat(points, ignore_index=True))


def no_points(folder: Path) -> InputError:
    """What is raised where no network of a study has what a policy needs."""
    return InputError(f"{folder}: no network with gate heads, which the policy needs")


def frontiers_of(points: pd.DataFrame, within: Sequence[str] = ("regime",)) -> pd.DataFrame:
    """The Pareto frontiers among the rows of `validation_points`, each by rising cost.

    Parameters
    ----------
    within
        Columns to group the points by; each group has a frontier of its own.
    """
    return pd.concat(_each_frontier(points, within), ignore_index=True)


def validation_frontiers(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    """Every regime's frontier on validation, over all its seeds; errors of `validation_points`."""
    return frontiers_of(validation_points(folder, record, evaluation))


def evaluate_on_test(
    folder: Path,
    record: StudyRecord,
    frame: pd.DataFrame,
    evaluation: Evaluation,
    within: Sequence[str] = ("regime",),
) -> pd.DataFrame:
    """Evaluate each point of the validation frontiers once on test.

    Adds test_accuracy (of a regression test_r2 and test_rmse), test_macs (or another axis),
    test_share_exit_1.., test_cost and test_dominated: whether another point of the same frontier
    dominates it on test. `within` is as in `frontiers_of`.
    """
    axis = evaluation.axis
    parts = []
    for key, rows in frame.groupby("key", sort=False):
        result = trials.read_trial(folder, str(key))
        costs = axis.per_exit(result)
        predictions = evaluation.predict(result, read_test(folder, str(key)))
        vectors = threshold_vectors(rows, len(costs))
        found = evaluate(predictions.confidence, predictions.score, costs, vectors)
        shares = shares_by_exit(result, predictions.confidence, vectors)
        scores = score_columns(record, "{}", found[0])
        columns = {**scores, axis.name: found[1], **shares}
        parts.append(pd.DataFrame(columns, index=rows.index))
    test = with_all_exits(pd.concat(parts).loc[frame.index].add_prefix("test_"))
    frame = frame.assign(**test, test_cost=test[f"test_{axis.name}"] / axis.reference)
    dominated = pd.Series(True, index=frame.index)
    for _, rows in frame.groupby(list(within)):
        dominated.loc[rows.index] = ~non_dominated(*cost_and_score(rows, "test"))
    return frame.assign(test_dominated=dominated)


def regime_indices(record: StudyRecord, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per regime: hypervolume, area, epsilon, accuracy at budgets and cost at accuracies.

    Columns of a part are of the points that validation chose (docs/methods.md, "Indices"):
    `hypervolume`, `area` and `epsilon` of their staircase, the last to that of all regimes
    together. `accuracy_at_25` (of a regression `r2_at_25` and `rmse_at_25`) is that of the point
    that is best on validation among those of at most a quarter of full cost, and `spent_at_25` what
    that point costs on the part; NaN where every point costs more. `cost_at_95` is the cost of the
    cheapest point whose score on validation is at least 95 % of the best in the whole frame; NaN
    where none is.
    """
    indices = pd.DataFrame(
        [_index_row(record, frame, str(regime)) for regime in frame["regime"].unique()]
    )
    return indices.sort_values("validation_hypervolume", ascending=False, ignore_index=True)


def trials_table(record: StudyRecord, facts: pd.DataFrame) -> pd.DataFrame:
    """One row per trial that gave a result: what it was, how it ended, what it cost to train.

    Parameters
    ----------
    facts
        As of `harness.analysis.trial_tables.TrialTables`.
    """
    metrics = record.spec.metric_names
    rows = [
        {
            "number": configuration.number,
            "regime": configuration.regime,
            "key": key,
            **dict(zip(metrics, configuration.objectives or (), strict=True)),
            **configuration.parameters,
        }
        for configuration in record.succeeded()
        for key in configuration.keys
    ]
    own = pd.DataFrame(rows)
    first = ["number", "regime", "key"]
    parts = (
        own[first],
        facts[["seed", "static_exit"]],
        own[list(metrics)],
        _last_scores(record, facts),
        facts[["epochs", "full_macs", "train_seconds"]],
        own.drop(columns=[*first, *metrics]),
    )
    return _one_type_per_column(pd.concat(parts, axis=1))


def _one_type_per_column(table: pd.DataFrame) -> pd.DataFrame:
    """Text for a parameter that is a number in one regime and text in another."""
    for name in table:
        if table[name].dtype == object and len(set(table[name].dropna().map(type))) > 1:
            table[name] = table[name].map(str, na_action="ignore")
    return table


def _last_scores(record: StudyRecord, facts: pd.DataFrame) -> pd.DataFrame:
    """The scores of every exit on validation after the last epoch."""
    found: dict[str, Floats] = {}
    for name in sorted(str(name) for name in facts if str(name).startswith(LAST)):
        form = f"validation_{{}}_{name.removeprefix(LAST)}"
        found |= score_columns(record, form, facts[name].to_numpy(dtype=np.float64))
    return pd.DataFrame(found, index=facts.index)


def _each_frontier(points: pd.DataFrame, within: Sequence[str]) -> Iterator[pd.DataFrame]:
    for _, rows in points.groupby(list(within)):
        yield rows.iloc[frontier_indices(*cost_and_score(rows))]


def _index_row(record: StudyRecord, frame: pd.DataFrame, regime: str) -> dict[str, object]:
    rows = frame[frame["regime"] == regime]
    of_regime = [c for c in record.configurations if c.regime == regime]
    row: dict[str, object] = {
        "regime": regime,
        "configurations": len(of_regime),
        "trials": sum(len(c.keys) for c in of_regime),
        "failed": sum(c.objectives is None for c in of_regime),
        "points": len(rows),
    }
    for part in ("validation", "test"):
        if f"{part}_cost" in rows:
            found = _part_indices(record, rows, frame, part)
            row |= {f"{part}_{name}": value for name, value in found.items()}
    return row


def _part_indices(
    record: StudyRecord, rows: pd.DataFrame, frame: pd.DataFrame, part: str
) -> dict[str, float]:
    (cost, score), (paid, found) = cost_and_score(rows), cost_and_score(rows, part)
    steps = staircase_of(rows, part)
    indices = {
        "hypervolume": float(area(steps, record.reference.score)),
        **score_values(record, "best_{}", float(steps.score[-1])),
    }
    for budget in BUDGETS:
        chosen, at = best_within(rows, budget), percent(budget)
        reached = np.nan if chosen is None else float(found[chosen])
        indices |= score_values(record, f"{{}}_at_{at}", reached)
        indices[f"spent_at_{at}"] = np.nan if chosen is None else float(paid[chosen])
    best = float(cost_and_score(frame)[1].max())
    for share in SHARES_OF_BEST:
        enough = np.flatnonzero(score >= share * best)
        cheapest = float(paid[enough[np.argmin(cost[enough])]]) if len(enough) else np.nan
        indices[f"cost_at_{percent(share)}"] = cheapest
    indices["area"] = float(area(steps, 0.0))
    indices["epsilon"] = epsilon(steps, staircase_of(frame, part))
    return indices
