import numpy as np
import pytest

from harness.core.types import ExitLogits
from harness.policies.predicted_precision import PredictedPrecision
from harness.policies.predictions import apply_policy

# Two exits, one sample, two targets: means, then logarithms of variances.
VALUES = np.array([[[0, 0, *np.log([1, 1])]], [[0, 0, *np.log([0.5, 2.5])]]], dtype=np.float32)
OUTPUTS = ExitLogits(VALUES, np.zeros((1, 2), dtype=np.float32))


def test_confidence_by_hand():
    found = apply_policy(PredictedPrecision(), OUTPUTS, OUTPUTS).confidence
    assert found == pytest.approx(np.array([[0.5], [0.4]]), rel=1e-6)


def test_the_more_confident_exit_leaves_first_and_extremes_stay_in_range():
    variances = np.log(np.array([1e-30, 1e-3, 1, 1e3, 1e30]))
    values = np.stack([np.zeros(5), variances], axis=-1)[None].astype(np.float32)
    outputs = ExitLogits(values, np.zeros((5, 1), dtype=np.float32))
    found = apply_policy(PredictedPrecision(), outputs, outputs).confidence[0]
    assert (np.diff(found) < 0).all()
    assert found[0] == 1
    assert found[-1] == pytest.approx(0)


def test_scaled_variances_change_confidences_but_no_predictions():
    validation = ExitLogits(VALUES, np.full((1, 2), 3, dtype=np.float32))
    plain = apply_policy(PredictedPrecision(), OUTPUTS, validation)
    found = apply_policy(PredictedPrecision(calibrated=True), OUTPUTS, validation)
    assert np.array_equal(found.predicted, plain.predicted)
    # z^2 on validation: 9, and the mean of 18 and 3.6.
    expected = [[1 / (1 + 9 * 1)], [1 / (1 + 10.8 * 1.5)]]
    assert found.confidence == pytest.approx(np.array(expected), rel=1e-5)
