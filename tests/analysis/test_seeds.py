"""Each seed's frontier, and hypervolumes on resampled test samples, on made-up trials."""

import numpy as np
import pandas as pd
import pytest

from harness.analysis import frontier_stage
from harness.analysis import seeds as stage_seeds
from harness.analysis.evaluation import of_study
from harness.analysis.frontiers import (
    evaluate_on_test,
    frontiers_of,
    regime_indices,
    validation_points,
)
from harness.frontier.pareto import non_dominated
from harness.results import study_record, trials
from harness.results.tables import read_frontier, read_hypervolumes, read_seeds


@pytest.fixture
def tables(seeded):
    return read_seeds(seeded), read_hypervolumes(seeded)


def test_the_frontier_stage_leaves_both_tables(folder, tables):
    frontier_stage.write_frontier(folder)
    for own, found in zip(tables, (read_seeds(folder), read_hypervolumes(folder)), strict=True):
        pd.testing.assert_frame_equal(own, found)
    assert list(tables[0]) == list(read_frontier(folder))


def test_each_seed_has_the_frontier_of_its_own_trials(folder, tables):
    frontiers, _ = tables
    points = validation_points(
        folder,
        study_record.read_study_record(folder),
        of_study(study_record.read_study_record(folder)),
    )
    found = frontiers.groupby(["regime", "seed"])
    assert len(found) == 6
    for (regime, seed), rows in found:
        own = points[(points["regime"] == regime) & (points["seed"] == seed)]
        kept = own[non_dominated(*own[["validation_cost", "validation_accuracy"]].to_numpy().T)]
        assert sorted(rows["validation_cost"]) == sorted(kept["validation_cost"])
        test = rows[["test_cost", "test_accuracy"]].to_numpy().T
        assert (~rows["test_dominated"]).tolist() == non_dominated(*test).tolist()


def test_of_one_seed_it_is_the_frontier_of_the_study(folder):
    record = study_record.read_study_record(folder)
    own = of_study(record)
    points = validation_points(folder, record, own)
    points = points[points["seed"] == 1]
    whole = evaluate_on_test(folder, record, frontiers_of(points), own)
    pd.testing.assert_frame_equal(stage_seeds.seed_frontiers(folder, record, points, own), whole)


def test_replicate_0_is_the_test_part_as_it_is(folder, tables):
    frontiers, found = tables
    record = study_record.read_study_record(folder)
    for seed, rows in frontiers.groupby("seed"):
        indices = regime_indices(record, rows).set_index("regime")["test_hypervolume"]
        plain = found[(found["replicate"] == 0) & (found["seed"] == seed)]
        assert plain.set_index("regime")["hypervolume"].to_dict() == pytest.approx(
            indices.to_dict()
        )
    assert found.groupby(["regime", "seed"])["replicate"].apply(list).map(len).eq(1001).all()


def test_a_replicate_is_the_same_thresholds_on_the_samples_drawn(folder, tables):
    """Sample by sample, with the draws of `resamples`."""
    frontiers, found = tables
    drawn = stage_seeds.resamples(90)
    for (regime, seed), rows in frontiers.groupby(["regime", "seed"]):
        key = rows["key"].iloc[0]
        test = trials.read_logits(folder / "trials" / key / "test.npz")
        first, last = test.values.astype(float)  # noqa: PD011 -- an array, not a data frame
        confidence = np.exp(first - first.max(-1, keepdims=True))
        confidence = (confidence / confidence.sum(-1, keepdims=True)).max(-1)
        for replicate in (1, 500, 1000):
            chosen = np.repeat(np.arange(90), drawn[replicate - 1].astype(int))
            early = confidence[chosen] >= rows[["threshold_1"]].to_numpy()
            correct = [(x.argmax(-1) == test.labels)[chosen] for x in (first, last)]
            accuracy = np.where(early, *correct).mean(1)
            # Rows are by rising validation cost: the budgets, whatever is drawn.
            widths = np.diff(np.minimum([*rows["validation_cost"], 1], 1))
            expected = (widths * np.maximum(accuracy - 1 / 3, 0)).sum()
            row = found[(found["regime"] == regime) & (found["seed"] == seed)].iloc[replicate]
            assert row["replicate"] == replicate
            assert row["hypervolume"] == pytest.approx(expected, abs=1e-6)


def test_regimes_are_resampled_alike(folder):
    """Two regimes with the same outputs have the same hypervolume in every replicate."""
    record = study_record.read_study_record(folder)
    for part in ("validation", "test"):
        paths = [folder / "trials" / c.keys[0] / f"{part}.npz" for c in record.configurations[:3:2]]
        paths[1].write_bytes(paths[0].read_bytes())
    own = of_study(record)
    frontiers = stage_seeds.seed_frontiers(
        folder, record, validation_points(folder, record, own), own
    )
    found = stage_seeds.hypervolumes(folder, record, frontiers, own)
    own, other = (
        found[(found["regime"] == name) & (found["seed"] == 0)]["hypervolume"].to_numpy()
        for name in ("joint", "hard_cgt")
    )
    assert np.array_equal(own, other)
    assert own[1:].std() > 0.005


def test_resamples_draw_as_many_samples_with_replacement():
    counts = stage_seeds.resamples(50)
    assert counts.shape == (1000, 50)
    assert (counts.sum(1) == 50).all()
    assert np.array_equal(counts, stage_seeds.resamples(50))
    # Each count is binomial(50, 1 / 50): mean 1, variance 0.98.
    assert counts.var() == pytest.approx(0.98, rel=0.03)
    assert len(np.unique(counts, axis=0)) == 1000


def test_blocks_change_nothing(folder, tables, monkeypatch):
    frontiers, found = tables
    record = study_record.read_study_record(folder)
    monkeypatch.setattr(stage_seeds, "BLOCK", 3)
    again = stage_seeds.hypervolumes(folder, record, frontiers, of_study(record))
    pd.testing.assert_frame_equal(again, found)
