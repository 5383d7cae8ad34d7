import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from harness.core.types import ExitCosts, ExitLogits
from harness.metrics.network import calibration_error, class_table, network_metrics
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predictions import ExitPredictions, apply_policy

# Predictions of two exits on four samples of classes 0 0 1 1.
PREDICTED = np.array([[0, 1, 1, 0], [0, 0, 0, 0]])
LABELS = np.array([0, 0, 1, 1])
LOGITS = ExitLogits((8 * np.eye(2)[PREDICTED]).astype(np.float32), LABELS)
COSTS = ExitCosts(np.array([1.0, 4.0]), 4.0, np.array([1, 2]))


def metrics_of(logits, route=None):
    route = np.zeros(len(logits.labels), dtype=np.int64) if route is None else route
    return network_metrics(logits, apply_policy(MaxSoftmax(), logits, logits), COSTS, route, 4.0)


def drawn(seed, samples=200, classes=4):
    generator = np.random.default_rng(seed)
    labels = generator.integers(classes, size=samples)
    values = generator.normal(size=(2, samples, classes)) + np.eye(classes)[labels]
    return ExitLogits(values.astype(np.float32), labels)


def test_figures_by_hand():
    found = network_metrics(
        LOGITS, apply_policy(MaxSoftmax(), LOGITS, LOGITS), COSTS, np.array([1, 1, 1, 0]), 4.0
    )
    # Predictions taken: 0 0 0 0.
    assert found["oa"] == 0.5
    assert found["aa"] == 0.5
    assert found["kappa"] == 0
    assert found["recall_macro"] == 0.5
    assert found["precision_macro"] == 0.25
    assert found["f1_weighted"] == pytest.approx(0.5 * (2 * 0.5 / 1.5))
    assert found["relative_cost"] == (3 * 4 + 1) / 4 / 4
    assert found["share_exit_1"] == 0.25
    assert found["accuracy_exit_1"] == 0.5
    # Sample 2 was correct at exit 1 and wrong where it left; sample 0 was correct at both.
    assert found["destructive_overthinking"] == 0.25
    assert found["wasteful_overthinking"] == 0.25
    assert found["oracle_accuracy"] == 0.75
    # First correct exits: 1, 2, 1, none (counted as the first).
    assert found["oracle_relative_cost"] == (1 + 4 + 1 + 1) / 4 / 4


def test_calibration_error_of_certain_predictions_is_the_share_of_errors():
    certain = ExitLogits((60 * np.eye(2)[PREDICTED]).astype(np.float32), LABELS)
    assert calibration_error(certain) == pytest.approx([0.5, 0.5])


def test_calibration_error_of_fair_coins_is_zero():
    logits = ExitLogits(np.zeros((1, 4, 2), dtype=np.float32), LABELS)
    assert calibration_error(logits) == pytest.approx([0.0], abs=1e-12)


def test_error_auroc_by_hand():
    # Exit 1 is correct, wrong, correct, wrong with confidence .9 .8 .7 .6: of the 4 pairs of a
    # correct and a wrong prediction, the correct one is more confident in 3. Exit 2 is confident
    # only where it is wrong.
    confidence = np.array([[0.9, 0.8, 0.7, 0.6], [0.6, 0.9, 0.6, 0.9]])
    values = np.log(np.stack([confidence, 1 - confidence], axis=-1)).astype(np.float32)
    found = metrics_of(ExitLogits(values, np.array([0, 1, 0, 1])))
    assert found["error_auroc_exit_1"] == 0.75
    assert found["error_auroc_exit_2"] == 0


def test_error_auroc_is_of_the_policys_confidence():
    # The same logits throughout, so a half by softmax; the policy knows better.
    values = np.zeros((2, 4, 2), dtype=np.float32)
    logits = ExitLogits(values, np.array([0, 1, 0, 1]))
    assert metrics_of(logits)["error_auroc_exit_1"] == 0.5
    predictions = apply_policy(MaxSoftmax(), logits, logits)
    knowing = dataclasses.replace(predictions, confidence=predictions.correct.astype(float))
    found = network_metrics(logits, knowing, COSTS, np.zeros(4, dtype=np.int64), 4.0)
    assert found["error_auroc_exit_1"] == 1


def test_error_auroc_against_all_pairs():
    logits = drawn(0)
    predictions = apply_policy(MaxSoftmax(), logits, logits)
    found = metrics_of(logits)
    for index in range(2):
        correct = predictions.confidence[index, predictions.correct[index]]
        wrong = predictions.confidence[index, ~predictions.correct[index]]
        share = (correct[:, None] > wrong).mean() + (correct[:, None] == wrong).mean() / 2
        assert found[f"error_auroc_exit_{index + 1}"] == pytest.approx(share)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrong", [0, 1])
def test_error_auroc_is_left_out_where_an_exit_is_always_or_never_correct(wrong):
    labels = np.array([0, 1, 0, 1])
    predicted = np.stack([labels ^ wrong, np.zeros(4, dtype=np.int64)])
    found = metrics_of(ExitLogits((8 * np.eye(2)[predicted]).astype(np.float32), labels))
    assert "error_auroc_exit_1" not in found
    assert found["error_auroc_exit_2"] == 0.5
    assert not any(math.isnan(value) for value in found.values())


def test_confusion_and_lost_probability_by_hand():
    # Probability of the label: .9 to .3, .5 to .48, .5 to .5, .2 to .9.
    of_label = np.array([[0.9, 0.5, 0.5, 0.2], [0.3, 0.48, 0.5, 0.9]])
    values = np.log(np.stack([of_label, 1 - of_label], axis=-1)).astype(np.float32)
    found = metrics_of(ExitLogits(values, np.zeros(4, dtype=np.int64)))
    assert found["confusion_mean"] == pytest.approx(2 * (0.6 + 0.02 + 0 + 0.7) / 4)
    drops = {name: value for name, value in found.items() if name.startswith("monotonicity")}
    assert drops == {
        "monotonicity_drop_0.01": 0.5,
        "monotonicity_drop_0.05": 0.25,
        "monotonicity_drop_0.1": 0.25,
        "monotonicity_drop_0.2": 0.25,
        "monotonicity_drop_0.5": 0.25,
    }


def test_metrics_are_plain_floats_with_names_that_mlflow_takes():
    from mlflow.utils.validation import _validate_metric_name

    for name, value in metrics_of(drawn(1)).items():
        _validate_metric_name(name)
        assert type(value) is float, name


def test_class_table_by_hand():
    # Labels 0 0 1 1; predictions taken 0 1 0 0 by exits 1 1 2 2.
    predictions = apply_policy(MaxSoftmax(), LOGITS, LOGITS)
    found = class_table(predictions, LABELS, np.array([0, 0, 1, 1]), 2, ("corn", "oats"))
    expected = pd.DataFrame(
        {
            "class": ["corn", "oats"],
            "samples": [2, 2],
            "accuracy": [0.5, 0.0],
            "f1": [2 * 1 / (2 * 1 + 2 + 1), 0.0],
            "share_exit_1": [1.0, 0.0],
            "share_exit_2": [0.0, 1.0],
            "mean_exit": [1.0, 2.0],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.filterwarnings("error")
def test_a_class_without_samples_has_no_figures():
    labels = np.array([0, 0, 2])
    predicted = np.array([[0, 1, 2]])
    predictions = ExitPredictions(np.ones((1, 3)), predicted, predicted == labels)
    table = class_table(predictions, labels, np.zeros(3, dtype=np.int64), 1, ("a", "b", "c", "d"))
    assert table["samples"].tolist() == [2, 0, 1, 0]
    assert table["f1"].tolist()[:3] == [pytest.approx(2 / 3), 0, 1]
    absent = table.loc[[1, 3], ["accuracy", "share_exit_1", "mean_exit"]]
    assert absent.isna().all(axis=None)
    assert math.isnan(table.loc[3, "f1"])
    assert table.loc[[0, 2], ["accuracy", "share_exit_1", "mean_exit"]].notna().all(axis=None)


def test_class_table_against_a_plain_loop():
    logits = drawn(2)
    labels, predictions = logits.labels, apply_policy(MaxSoftmax(), logits, logits)
    route = np.random.default_rng(3).integers(2, size=len(labels))
    table = class_table(predictions, labels, route, 2, tuple("abcd")).set_index("class")
    taken = predictions.predicted[route, np.arange(len(labels))]
    scores = f1_score(labels, taken, average=None)
    for index, name in enumerate("abcd"):
        chosen = labels == index
        row = table.loc[name]
        assert row["samples"] == chosen.sum()
        assert row["accuracy"] == pytest.approx((taken[chosen] == index).mean())
        assert row["f1"] == pytest.approx(scores[index])
        assert row["mean_exit"] == pytest.approx(route[chosen].mean() + 1)
        for exit_taken in range(2):
            share = (route[chosen] == exit_taken).mean()
            assert row[f"share_exit_{exit_taken + 1}"] == pytest.approx(share)
    found = metrics_of(logits, route)
    weights = table["samples"] / table["samples"].sum()
    assert (weights * table["accuracy"]).sum() == pytest.approx(found["oa"])
    assert table["accuracy"].mean() == pytest.approx(found["aa"])
    assert table["f1"].mean() == pytest.approx(found["f1_macro"])
