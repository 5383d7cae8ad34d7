"""Candidates: the configurations of a search that are trained again on fresh seeds."""

import math
from collections.abc import Sequence

import numpy as np

from harness.core.types import Floats
from harness.frontier.pareto import accuracy_at
from harness.results.extent import furthest, seeds_of
from harness.results.study_record import Configuration, StudyRecord
from harness.results.trained_here import check_trained_here
from harness.study.scoring import Scorer


def candidates(record: StudyRecord, scorer: Scorer) -> tuple[Configuration, ...]:
    """Of each regime and search the configurations that are best on validation at some budgets.

    Best is the mean over the searched seeds of the score within the budget; of equal ones the first
    counts, and a configuration that is best at several budgets is there once. A regime without a
    point within any of the budgets is confirmed by the configuration that is best at full cost.
    Where a study trains only the better configurations in full, those are compared that were
    trained furthest.

    Parameters
    ----------
    record
        The search; `record.spec.confirm` names the budgets.
    scorer
        Of the search: it computes the trials' validation frontiers.

    Returns
    -------
    In the order of the study file's regimes, then of searches and numbers.

    Raises
    ------
    InputError
        The study was imported.
    """
    check_trained_here(record, "a confirmation")
    study, done = record.spec, record.succeeded()
    budgets = [percent / 100 for percent in study.confirm.candidates]
    found: list[Configuration] = []
    for regime in study.regimes:
        for search in range(study.searches):
            own = furthest([c for c in done if (c.regime, c.search) == (regime, search)])
            best = _best([_scores(c, len(seeds_of(study, c)), scorer, budgets) for c in own])
            found += [each for position, each in enumerate(own) if position in best]
    return tuple(found)


def _scores(
    configuration: Configuration, seeds: int, scorer: Scorer, budgets: Sequence[float]
) -> Floats:
    """Mean score over seeds within each budget, and at any cost last; NaN where a seed has none."""
    rows = []
    for keys in np.array_split(np.array(configuration.keys), seeds):  # a seed's lie together
        found = [scorer.frontier(str(key), configuration.thresholds) for key in keys]
        cost = np.concatenate([each.cost for each in found])
        score = np.concatenate([each.score for each in found])
        rows.append([accuracy_at(cost, score, b, -math.inf) for b in (*budgets, math.inf)])
    means: Floats = np.mean(rows, axis=0)
    return np.where(np.isfinite(means), means, np.nan)


def _best(scores: Sequence[Floats]) -> set[int]:
    """Positions of the best configurations, a budget each; those at any cost where none is."""
    if not scores:
        return set()
    table = np.stack(scores)
    within = table[:, :-1]
    reached = within[:, ~np.isnan(within).all(axis=0)]
    return set(np.nanargmax(reached if reached.size else table[:, -1:], axis=0).tolist())
