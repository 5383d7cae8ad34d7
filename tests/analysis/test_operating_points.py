"""The chosen operating points on made-up trials, against samples routed one by one."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from harness.analysis import frontier_stage
from harness.analysis.chosen_points import best_within, half_points, knee_points
from harness.analysis.operating_points import budget_table, class_tables, sample_table
from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.core.types import ExitCosts, ExitLogits
from harness.policies.max_softmax import MaxSoftmax
from harness.results import study_record, trials
from harness.results.budget_table import read_budgets
from harness.results.tables import read_classes, read_frontier, read_samples


@pytest.fixture
def written(folder):
    frontier_stage.write_frontier(folder)
    return folder


def walk(folder, point):
    """Per sample (label, prediction, exit), softmax and thresholds in plain Python."""
    test = trials.read_logits(folder / "trials" / point["key"] / "test.npz")
    values = np.asarray(test.values, dtype=float)
    thresholds = [point[f"threshold_{e}"] for e in range(1, len(values))]
    for sample, label in enumerate(test.labels):
        for e, logits in enumerate(values[:, sample]):
            confidence = np.exp(logits).max() / np.exp(logits).sum()
            if e == len(thresholds) or confidence >= thresholds[e]:
                yield int(label), int(logits.argmax()), e + 1
                break


def test_samples_are_those_of_the_point_for_half_the_cost_routed_one_by_one(written):
    frame, samples = read_frontier(written), read_samples(written)
    chosen = half_points(frame)
    assert sorted(chosen["regime"]) == sorted(samples["regime"].unique())
    for _, point in chosen.iterrows():
        rows = samples[samples["regime"] == point["regime"]]
        assert rows["sample"].tolist() == list(range(90))
        columns = zip(rows["label"], rows["prediction"], rows["exit"], strict=True)
        assert list(columns) == list(walk(written, point))
        assert (rows["correct"] == (rows["prediction"] == rows["label"])).all()
        assert rows["correct"].mean() == pytest.approx(point["test_accuracy"])
        for e in (1, 2):
            assert (rows["exit"] == e).mean() == pytest.approx(point[f"test_share_exit_{e}"])
            left = rows[rows["exit"] == e]
            assert (left[f"prediction_{e}"] == left["prediction"]).all()
            assert (left[f"correct_{e}"] == left["correct"]).all()
        assert ((rows["confidence_1"] >= point["threshold_1"] - 1e-6) == (rows["exit"] == 1)).all()


def test_points_for_half_the_cost_are_the_best_that_validation_knows(written):
    frame = read_frontier(written)
    for _, point in half_points(frame).iterrows():
        own = frame[frame["regime"] == point["regime"]]
        affordable = own[own["validation_cost"] <= 0.5]
        if len(affordable):
            assert point["validation_accuracy"] == affordable["validation_accuracy"].max()
            assert point["validation_cost"] <= 0.5
        else:
            assert point["validation_cost"] == own["validation_cost"].min()
    costly = half_points(frame.assign(validation_cost=frame["validation_cost"] + 1))
    assert (
        costly["validation_cost"] == costly.groupby("regime")["validation_cost"].min().to_numpy()
    ).all()


def test_the_knee_is_chosen_on_validation(written):
    frame, record = read_frontier(written), study_record.read_study_record(written)
    for _, point in knee_points(frame, record).iterrows():
        points = frame[frame["regime"] == point["regime"]]
        area = (1 - points["validation_cost"]) * (points["validation_accuracy"] - 1 / 3)
        assert point["validation_cost"] == points.loc[area.idxmax(), "validation_cost"]
    changed = frame.assign(test_accuracy=0.0, test_cost=9.0)
    assert knee_points(changed, record).index.equals(knee_points(frame, record).index)


def test_each_budget_gets_the_best_validation_point_within_it(written):
    frame, found = read_frontier(written), read_budgets(written)
    assert found.budgets == DEPLOYMENT_BUDGETS
    assert found.classes == ("a", "b", "c")
    for regime, points in frame.groupby("regime"):
        entries, at = found.regimes[regime].points, found.regimes[regime].at
        assert sorted({index for index in at if index is not None}) == list(range(len(entries)))
        for budget, index in zip(DEPLOYMENT_BUDGETS, at, strict=True):
            within = points[points["validation_cost"] <= budget]
            assert (index is None) == within.empty
            if index is None:
                continue
            entry, best = entries[index], within["validation_accuracy"].max()
            assert entry.validation.cost <= budget
            assert entry.validation.score == best
            point = within.loc[within["validation_accuracy"].idxmax()]
            taken = pd.DataFrame(walk(written, point), columns=["label", "prediction", "exit"])
            counts = [[0] * 3 for _ in range(3)]
            for label, predicted in zip(taken["label"], taken["prediction"], strict=True):
                counts[label][predicted] += 1
            assert entry.confusion == tuple(np.ravel(counts))
            assert entry.routing == pytest.approx([(taken["exit"] == e).mean() for e in (1, 2)])
            assert entry.test.score == pytest.approx(np.trace(counts) / 90)


def test_a_threshold_that_is_never_reached_is_null(written):
    record, frame = study_record.read_study_record(written), read_frontier(written).tail(1)
    found = budget_table(
        written, record, frame.assign(threshold_1=np.inf, validation_cost=0.5), MaxSoftmax()
    )
    (regime,) = found.regimes.values()
    (point,) = regime.points
    assert point.thresholds == (None,)
    assert point.routing == (0, 1)
    assert regime.at == (None,) * 9 + (0,) * 11


def last_exit(logits):
    return ExitLogits(logits.values[1:], logits.labels)  # noqa: PD011 -- no pandas


def test_a_static_network_has_its_only_exit_where_it_is_deep(written):
    """Its samples leave at its depth; what it lacks says nothing."""
    record, frame = study_record.read_study_record(written), read_frontier(written).tail(1)
    result = trials.read_trial(written, frame["key"].item())
    spec = dataclasses.replace(result.spec, static_exit=2)
    costs = ExitCosts(result.costs.macs[1:], result.costs.full, result.costs.parameters[1:])
    deep = dataclasses.replace(
        result, spec=spec, validation=last_exit(result.validation), costs=costs
    )
    test = trials.read_logits(written / "trials" / result.spec.key / "test.npz")
    trials.write_trial(written, deep, {}, last_exit(test))
    point = frame.assign(key=spec.key, static_exit=2, threshold_1=np.nan, validation_cost=0.1)
    rows = sample_table(written, point, MaxSoftmax())
    correct = last_exit(test).values[0].argmax(-1) == test.labels  # noqa: PD011 -- no pandas
    assert (rows["exit"] == 2).all()
    assert (rows["correct"] == correct).all()
    assert (rows["correct_2"] == correct).all()
    assert (rows["prediction_1"] == -1).all()
    assert rows["confidence_1"].isna().all()
    classes = class_tables(written, record, point, MaxSoftmax())
    assert (classes["mean_exit"] == 2).all()
    assert (classes[["share_exit_1", "share_exit_2"]] == [0, 1]).all(axis=None)
    found = budget_table(written, record, point, MaxSoftmax())
    (entry,) = found.regimes[point["regime"].item()].points
    assert entry.routing == (0, 1)
    assert entry.thresholds == ()


def test_budgets_below_every_point_have_none():
    points = pd.DataFrame({"validation_cost": [0.3, 0.6], "validation_accuracy": [0.5, 0.7]})
    assert [best_within(points, b) for b in (0.2, 0.3, 0.59, 0.6, 1.0)] == [None, 0, 0, 1, 1]


def test_classes_fare_as_counted(written):
    classes, samples = read_classes(written), read_samples(written)
    assert classes["class"].tolist() == ["a", "b", "c"] * 3
    for (regime, name), row in classes.set_index(["regime", "class"]).iterrows():
        rows = samples[(samples["regime"] == regime) & (samples["label"] == "abc".index(name))]
        assert row["samples"] == len(rows)
        assert row["accuracy"] == pytest.approx(rows["correct"].mean())
        assert row["mean_exit"] == pytest.approx(rows["exit"].mean())
        assert row["share_exit_2"] == pytest.approx((rows["exit"] == 2).mean())
