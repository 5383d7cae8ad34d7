from dataclasses import dataclass

import numpy as np
import pytest

from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.policies import ExitPolicy
from harness.policies.calibration import scale_outputs, temperatures
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predicted_precision import PredictedPrecision
from harness.policies.predictions import apply_policy

GENERATOR = np.random.default_rng(7)
OUTPUTS, VALIDATION = (
    ExitLogits(
        GENERATOR.normal(scale=6, size=(2, samples, 3)).astype(np.float32),
        GENERATOR.integers(3, size=samples),
    )
    for samples in (5, 40)
)


@dataclass(frozen=True)
class LastClass(ExitPolicy):
    """Always predicts the last class, less confidently the larger validation is."""

    def confidence(self, outputs, validation):
        return np.full(outputs.values.shape[:2], 1 / len(validation.labels))

    def predict(self, outputs):
        return np.full(outputs.values.shape[:2], outputs.values.shape[-1] - 1)


def test_predictions_and_correctness_by_hand():
    logits = np.log(np.array([[[0.9, 0.1], [0.4, 0.6]], [[0.3, 0.7], [0.2, 0.8]]]))
    outputs = ExitLogits(logits.astype(np.float32), np.array([0, 1]))
    found = apply_policy(MaxSoftmax(), outputs, outputs)
    assert found.predicted.tolist() == [[0, 1], [1, 1]]
    assert found.correct.tolist() == [[True, True], [False, True]]
    assert found.score is found.correct  # bool: correct predictions are counted, not summed
    assert found.confidence == pytest.approx(np.array([[0.9, 0.6], [0.7, 0.8]]))


def test_a_policy_may_predict_for_the_exits():
    found = apply_policy(LastClass(), OUTPUTS, VALIDATION)
    assert (found.predicted == 2).all()
    assert found.correct.tolist() == [(OUTPUTS.labels == 2).tolist()] * 2
    assert found.confidence == pytest.approx(np.full((2, 5), 1 / 40))


def test_temperatures_are_those_of_validation():
    cooled = scale_outputs(OUTPUTS, temperatures(VALIDATION))
    found = apply_policy(MaxSoftmax(calibrated=True), OUTPUTS, VALIDATION)
    assert np.array_equal(
        found.confidence, apply_policy(MaxSoftmax(), cooled, VALIDATION).confidence
    )
    plain = apply_policy(MaxSoftmax(), OUTPUTS, VALIDATION)
    assert np.abs(found.confidence - plain.confidence).max() > 0.1
    assert np.array_equal(found.predicted, plain.predicted)


def test_the_policy_sees_calibrated_validation_too():
    given = []

    @dataclass(frozen=True)
    class Spy(MaxSoftmax):
        def confidence(self, outputs, validation):
            given.extend([outputs, validation])
            return super().confidence(outputs, validation)

    scale = temperatures(VALIDATION)
    apply_policy(Spy(calibrated=True), OUTPUTS, VALIDATION)
    for passed, raw in zip(given, (OUTPUTS, VALIDATION), strict=True):
        assert np.array_equal(passed.values, scale_outputs(raw, scale).values)
        assert passed.labels is raw.labels


def test_scores_of_a_regression_are_r2_against_the_training_mean():
    # One exit, three samples, two targets; variances 1.
    values = np.array([[[0, 0, 0, 0], [1, 2, 0, 0], [1, 1, 0, 0]]], dtype=np.float32)
    labels = np.array([[0, 0], [1, 0], [2, 1]], dtype=np.float32)
    outputs = ExitLogits(values, labels)
    found = apply_policy(PredictedPrecision(), outputs, outputs)
    assert found.predicted.tolist() == [[[0, 0], [1, 2], [1, 1]]]
    assert found.score.tolist() == [[1, -1, 0.5]]
    squared_error = np.square(labels - found.predicted[0]).mean()
    assert found.score.mean() == pytest.approx(1 - squared_error)
    with pytest.raises(InputError, match="found a regression"):
        found.correct  # noqa: B018 -- asking is what is tested
