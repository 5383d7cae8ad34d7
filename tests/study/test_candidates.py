"""Which configurations of a search are confirmed: by brute force, on made-up trials."""

import numpy as np
import pytest

from harness.results import study_record, trials
from harness.results.study_record import Configuration
from harness.study.candidates import candidates
from harness.study.scoring import Scorer
from tests.made_up import MANIFEST, store
from tests.records import record_of

SEEDS, EACH = (0, 1), 4


@pytest.fixture
def searched(tmp_path):
    """Makes a search of four configurations of each regime and search, with two seeds each."""

    def make(searches=1, failed=(), **confirm):
        found = []
        for number in range(2 * searches * EACH):
            regime, search = ("joint", "hard_cgt")[number % 2], number // 2 % searches
            epochs = number // 2 + 1
            found.append(
                Configuration(
                    number=number,
                    regime=regime,
                    search=search,
                    parameters={"training.epochs": epochs},
                    keys=tuple(store(tmp_path, regime, seed, epochs=epochs) for seed in SEEDS),
                    thresholds=None,
                    objectives=None if number in failed else (0.5,),
                )
            )
        spec = {"searches": searches, "confirm": confirm, "regimes": {"joint": {}, "hard_cgt": {}}}
        record = record_of(MANIFEST, **spec)
        record = record.model_copy(update={"configurations": tuple(found)})
        study_record.write_study_record(tmp_path, record)
        return record, Scorer(record, tmp_path)

    return make


def best_score(folder, key, budget):
    """Of all thresholds on the first exit's confidence; NaN where none keeps to the budget."""
    outputs = trials.read_trial(folder, key).validation
    first, last = outputs.values.astype(float)
    shifted = np.exp(first - first.max(-1, keepdims=True))
    confidence = (shifted / shifted.sum(-1, keepdims=True)).max(-1)
    right = [values.argmax(-1) == outputs.labels for values in (first, last)]
    scores = [np.nan]
    for threshold in (*confidence, np.inf):
        early = confidence >= threshold
        if np.where(early, 10 / 90, 100 / 90).mean() <= budget + 1e-12:
            scores.append(np.where(early, *right).mean())
    return np.nanmax(scores) if len(scores) > 1 else np.nan


def expected(record, folder, budgets):
    numbers = []
    for regime in record.spec.regimes:
        for search in range(record.spec.searches):
            own = [c for c in record.succeeded() if (c.regime, c.search) == (regime, search)]
            best = set()
            for budget in budgets:
                means = [np.mean([best_score(folder, k, budget) for k in c.keys]) for c in own]
                if not np.isnan(means).all():
                    best.add(own[int(np.nanargmax(means))].number)
            numbers += sorted(best)
    return numbers


@pytest.mark.parametrize("searches", [1, 2])
def test_the_best_at_each_budget_are_taken_once(searched, searches):
    record, scorer = searched(searches)
    found = candidates(record, scorer)
    assert [each.number for each in found] == expected(record, scorer.folder, (0.25, 0.5, 0.75))
    assert len(found) < 2 * searches * 3  # some are best at two budgets
    groups = [(each.regime, each.search) for each in found]
    wanted = [(name, search) for name in ("joint", "hard_cgt") for search in range(searches)]
    assert list(dict.fromkeys(groups)) == wanted


def test_the_study_names_the_budgets(searched):
    record, scorer = searched(candidates=(40,))
    found = [each.number for each in candidates(record, scorer)]
    assert found == expected(record, scorer.folder, (0.4,))
    assert len(found) == 2


def test_of_equal_configurations_the_first_is_taken(searched):
    record, scorer = searched(candidates=(50,))
    first, second, *_ = record.configurations
    twin = first.model_copy(update={"number": 2, "keys": first.keys})
    equal = record.model_copy(update={"configurations": (first, second, twin)})
    assert [each.number for each in candidates(equal, scorer)] == [0, 1]


def test_where_no_point_is_affordable_the_best_at_full_cost_is_taken(searched):
    """One exit alone costs 11 %."""
    record, scorer = searched(candidates=(5, 10))
    found = [each.number for each in candidates(record, scorer)]
    assert found == expected(record, scorer.folder, (2.0,))
    assert len(found) == 2


def test_failed_configurations_are_no_candidates(searched):
    record, scorer = searched(failed=range(0, 8, 2))
    assert {each.regime for each in candidates(record, scorer)} == {"hard_cgt"}
