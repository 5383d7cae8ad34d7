"""Figures of a network that predicts real values."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from harness.core.types import ExitCosts, ExitLogits
from harness.metrics.network import network_metrics
from harness.metrics.regression import rmse_of
from harness.policies.predicted_precision import PredictedPrecision
from harness.policies.predictions import apply_policy

COSTS = ExitCosts(np.array([1.0, 4.0]), 4.0, np.array([1, 2]))


def drawn(targets, samples=400, seed=0):
    """Two exits that expect just the errors they make; the second's are half as large."""
    generator = np.random.default_rng(seed)
    labels = generator.normal(size=(samples, targets))
    deviation = generator.uniform(0.3, 1.2, (2, samples, targets)) / [[[1]], [[2]]]
    means = labels + deviation * generator.normal(size=deviation.shape)
    values = np.concatenate([means, 2 * np.log(deviation)], axis=-1)
    return ExitLogits(values.astype(np.float32), labels.astype(np.float32))


def metrics_of(outputs, route, scale=1.0):
    predictions = apply_policy(PredictedPrecision(), outputs, outputs)
    return network_metrics(outputs, predictions, COSTS, route, 4.0, scale)


@pytest.mark.parametrize(("targets", "scale"), [(1, 77.0), (3, 1.0)])
def test_errors_against_scikit_learn(targets, scale):
    outputs = drawn(targets)
    route = np.random.default_rng(1).integers(0, 2, 400)
    found = metrics_of(outputs, route, scale)
    labels, means = scale * outputs.labels, scale * outputs.means
    taken = means[route, np.arange(400)]
    # scikit-learn averages the targets' RMSEs; here the root is taken of the mean over all.
    assert found["rmse"] == pytest.approx(root_mean_squared_error(labels.ravel(), taken.ravel()))
    assert found["mae"] == pytest.approx(mean_absolute_error(labels, taken))
    for index, exit_means in enumerate(means):
        plain = np.square(labels - exit_means).mean()
        assert found[f"rmse_exit_{index + 1}"] == pytest.approx(np.sqrt(plain))
        assert found[f"r2_exit_{index + 1}"] == pytest.approx(1 - plain / scale**2)
        normal = norm(outputs.means[index], np.sqrt(outputs.variances[index]))
        nll = -normal.logpdf(outputs.labels).mean()
        assert found[f"nll_exit_{index + 1}"] == pytest.approx(nll)
    assert found["share_exit_2"] == route.mean()
    assert found["relative_cost"] == np.where(route, 4, 1).mean() / 4


def test_honest_variances_cover_as_they_say():
    found = metrics_of(drawn(2, samples=4000), np.zeros(4000, dtype=np.int64))
    for number in (1, 2):
        assert found[f"within_1_sigma_exit_{number}"] == pytest.approx(0.683, abs=0.02)
        assert found[f"within_90_exit_{number}"] == pytest.approx(0.9, abs=0.015)


def test_intervals_by_hand():
    # Variance 4: errors of 1.9 and 2.1 deviate by .95 and 1.05, 3.2 and 3.4 by 1.6 and 1.7.
    labels = np.array([[1.9], [-2.1], [3.2], [-3.4]], dtype=np.float32)
    values = np.tile(np.array([0, np.log(4)], dtype=np.float32), (2, 4, 1))
    found = metrics_of(ExitLogits(values, labels), np.zeros(4, dtype=np.int64))
    assert found["within_1_sigma_exit_1"] == 0.25
    assert found["within_90_exit_1"] == 0.75


def test_no_figures_of_classes():
    found = metrics_of(drawn(1), np.zeros(400, dtype=np.int64))
    assert not {"oa", "aa", "kappa", "f1_macro", "oracle_accuracy", "ece_exit_1"} & set(found)
    assert all(np.isfinite(value) for value in found.values())


def test_a_perfect_score_has_no_error_whatever_rounding_does():
    assert rmse_of(np.array([1 + 1e-16, 1.0, -3.0]), 2.0).tolist() == [0, 0, 4]
