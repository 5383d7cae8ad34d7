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
from harness.analysis.pairs import seed_tables
from harness.core.errors import InputError
from harness.frontier.pareto import non_dominated
from harness.results import study_record, trials
from harness.results.confirmation import read_test_samples
from harness.results.tables import read_frontier, read_hypervolumes, read_seeds
from tests.made_up import make_confirmation


@pytest.fixture
def tables(seeded):
    return read_seeds(seeded), read_hypervolumes(seeded)


def expected_hypervolume(folder, rows, chosen):
    """Of a seed's frontier on some samples of its test part, sample by sample."""
    test = trials.read_logits(folder / "trials" / rows["key"].iloc[0] / "test.npz")
    first, last = test.values.astype(float)  # noqa: PD011 -- an array, not a data frame
    confidence = np.exp(first - first.max(-1, keepdims=True))
    confidence = (confidence / confidence.sum(-1, keepdims=True)).max(-1)
    early = confidence[chosen] >= rows[["threshold_1"]].to_numpy()
    correct = [(x.argmax(-1) == test.labels)[chosen] for x in (first, last)]
    # Rows are by rising validation cost: the budgets, whatever is drawn.
    widths = np.diff(np.minimum([*rows["validation_cost"], 1], 1))
    return (widths * np.maximum(np.where(early, *correct).mean(1) - 1 / 3, 0)).sum()


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
        for replicate in (1, 500, 1000):
            chosen = np.repeat(np.arange(90), drawn[replicate - 1].astype(int))
            expected = expected_hypervolume(folder, rows, chosen)
            row = found[(found["regime"] == regime) & (found["seed"] == seed)].iloc[replicate]
            assert row["replicate"] == replicate
            assert row["hypervolume"] == pytest.approx(expected, abs=1e-6)


def test_regimes_are_resampled_alike(folder):
    """Two regimes with the same outputs have the same hypervolume in every replicate."""
    record = study_record.read_study_record(folder)
    for part in ("outputs", "test"):
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


@pytest.fixture
def confirmed(folder):
    """A confirmation with its seeds' frontiers, and the samples that each seed is tested on."""
    confirmation = make_confirmation(folder)
    record = study_record.read_study_record(confirmation)
    own = of_study(record)
    points = validation_points(confirmation, record, own)
    frontiers = stage_seeds.seed_frontiers(confirmation, record, points, own)
    return confirmation, record, frontiers, read_test_samples(confirmation, record)


def test_seeds_with_their_own_test_parts_count_what_is_drawn_of_them(confirmed):
    """Samples of all test parts are drawn together: shared ones vary together."""
    folder, record, frontiers, tested = confirmed
    found = stage_seeds.hypervolumes(folder, record, frontiers, of_study(record), tested)
    pool = sorted({sample for samples in tested.values() for sample in samples})
    drawn = stage_seeds.resamples(len(pool))
    assert len(pool) == 150
    for (regime, seed), rows in frontiers.groupby(["regime", "seed"]):
        own = found[(found["regime"] == regime) & (found["seed"] == seed)].set_index("replicate")
        places = {sample: place for place, sample in enumerate(tested[seed])}
        for replicate in (1, 500, 1000):
            samples = np.repeat(pool, drawn[replicate - 1].astype(int))
            chosen = [places[sample] for sample in samples if sample in places]
            assert 60 < len(chosen) < 120
            expected = expected_hypervolume(folder, rows, chosen)
            assert own.loc[replicate, "hypervolume"] == pytest.approx(expected, abs=1e-6)
        plain = expected_hypervolume(folder, rows, np.arange(90))
        assert own.loc[0, "hypervolume"] == pytest.approx(plain)


def test_one_split_for_all_seeds_is_as_without_their_samples(confirmed):
    folder, record, frontiers, tested = confirmed
    same = dict.fromkeys(tested, np.arange(90) + 30)
    own = of_study(record)
    pd.testing.assert_frame_equal(
        stage_seeds.hypervolumes(folder, record, frontiers, own, same),
        stage_seeds.hypervolumes(folder, record, frontiers, own),
    )


def test_what_seeds_share_of_their_test_parts_varies_together(confirmed):
    """Two seeds of equal outputs: alike on the same samples, independent on others."""
    folder, record, frontiers, _ = confirmed
    (first, _, last), own = record.configurations[0].keys, of_study(record)
    for part in ("outputs", "test"):
        copy, file = (folder / "trials" / key / f"{part}.npz" for key in (last, first))
        copy.write_bytes(file.read_bytes())
    joint = frontiers[frontiers["regime"] == "joint"]
    one = joint[joint["seed"] == 1000]
    both = pd.concat([one, one.assign(seed=1002, key=last)], ignore_index=True)

    def correlation(apart):
        tested = {1000: np.arange(90), 1002: np.arange(90) + apart}
        found = stage_seeds.hypervolumes(folder, record, both, own, tested)
        wide = found.pivot_table(values="hypervolume", index="replicate", columns="seed").loc[1:]
        return np.corrcoef(wide.to_numpy().T)[0, 1]

    assert correlation(0) == pytest.approx(1)
    assert abs(correlation(90)) < 0.15  # some standard errors of 1000 replicates


def test_the_frontier_stage_writes_the_tables_of_a_confirmation(folder):
    confirmation = make_confirmation(folder)
    steps = []
    frontier_stage.write_frontier(folder, steps.append)
    assert len(steps) == frontier_stage.FRONTIER_STEPS
    assert set(read_seeds(confirmation)["seed"]) == {1000, 1001, 1002}
    assert set(read_seeds(folder)["seed"]) == {0, 1}
    areas = read_hypervolumes(confirmation)
    assert areas.groupby(["regime", "seed"])["replicate"].nunique().eq(1001).all()
    tables = seed_tables(folder)
    assert tables.fresh
    assert tables.record == study_record.read_study_record(confirmation)
    assert len(tables.hypervolumes) == 9
    (confirmation / "hypervolumes.parquet").unlink()
    with pytest.raises(InputError, match=r"missing; run `harness frontier made-up`"):
        seed_tables(folder)


def test_resampled_means_are_of_the_samples_drawn():
    """Of two test parts of 90 that share 60: value by value, with the draws of `resamples`."""
    generator = np.random.default_rng(1)
    values = [generator.random(90), (generator.random(90) < 0.7).astype(float)]
    places = [np.arange(90), np.arange(90) + 30]
    found = stage_seeds.resampled_means(values, places, 120)
    assert found.shape == (2, 1001)
    assert found[:, 0] == pytest.approx([each.mean() for each in values])
    for replicate, counts in enumerate(stage_seeds.resamples(120), start=1):
        for own, each, place in zip(found, values, places, strict=True):
            drawn = np.repeat(each, counts[place].astype(int))
            assert own[replicate] == pytest.approx(drawn.mean(), abs=1e-6)
    score = found[1]
    assert score[1:].std() == pytest.approx(np.sqrt(score[0] * (1 - score[0]) / 90), rel=0.1)
    assert stage_seeds.resampled_means(values[:1], places[:1], 120)[0] == pytest.approx(found[0])


def test_values_of_one_test_part_are_resampled_alike():
    values = np.random.default_rng(2).random(50)
    first, last = stage_seeds.resampled_means([values, values + 1], [np.arange(50)] * 2, 50)
    assert last - first == pytest.approx(1, abs=1e-6)
