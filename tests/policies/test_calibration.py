import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import approx_fprime
from scipy.special import log_softmax, softmax

from harness.core.types import ExitLogits
from harness.policies import calibration
from harness.policies.calibration import MAX_LOG_TEMPERATURE, scale_outputs, temperatures

SHAPE = (3, 12, 4)
LOGITS = arrays(np.float32, SHAPE, elements=st.floats(-60, 60, width=32))
EIGHTHS = arrays(np.float32, SHAPE, elements=st.integers(-480, 480).map(lambda n: n / 8))
LABELS = arrays(np.int64, SHAPE[1], elements=st.integers(0, 3))


def losses(outputs):
    """Mean negative log-likelihood of each exit [E], written anew."""
    logs = log_softmax(outputs.values.astype(float), axis=-1)
    return -logs[:, np.arange(len(outputs.labels)), outputs.labels].mean(1)


def drawn(scales, samples, seed=0):
    """Outputs of calibrated exits, made overconfident by the scales [E]."""
    generator = np.random.default_rng(seed)
    honest = generator.normal(size=(samples, 5)) * 2
    cumulative = softmax(honest, axis=-1).cumsum(-1)
    labels = (cumulative < generator.random((samples, 1))).sum(-1).clip(max=4)
    values = honest * np.array(scales)[:, None, None]
    return ExitLogits(values.astype(np.float32), labels)


def test_a_known_temperature_is_recovered():
    scales = [0.2, 1.0, 3.0, 20.0]
    assert temperatures(drawn(scales, 40_000)) == pytest.approx(scales, rel=0.03)


def test_the_temperature_is_the_best_of_a_fine_grid():
    outputs = drawn([0.5, 4.0], 300, seed=1)
    grid = np.exp(np.linspace(-3, 3, 6001))
    found = [losses(scale_outputs(outputs, np.full(2, scale))) for scale in grid]
    assert temperatures(outputs) == pytest.approx(grid[np.argmin(found, axis=0)], rel=2e-3)


@settings(max_examples=30)
@given(LOGITS, LABELS)
def test_temperatures_are_bounded_and_never_raise_the_loss(logits, labels):
    outputs = ExitLogits(logits, labels)
    found = temperatures(outputs)
    assert (np.abs(np.log(found)) <= MAX_LOG_TEMPERATURE + 1e-12).all()
    assert (losses(scale_outputs(outputs, found)) <= losses(outputs) + 1e-5).all()


def test_a_perfectly_separated_exit_stops_where_nothing_is_left_to_gain():
    outputs = ExitLogits(np.eye(2, dtype=np.float32)[None], np.array([0, 1]))
    found = temperatures(outputs)
    assert found[0] < 0.1
    assert losses(scale_outputs(outputs, found)) == pytest.approx([0], abs=1e-5)


def test_an_exit_that_is_always_wrong_gets_the_highest_temperature():
    values = 4 * np.eye(2, dtype=np.float32)[None]
    assert temperatures(ExitLogits(values, np.array([1, 0]))) == pytest.approx(
        np.exp(MAX_LOG_TEMPERATURE)
    )


def test_one_exit_does_not_depend_on_the_others():
    outputs = drawn([0.3, 2.0, 60.0], 200, seed=2)
    alone = [
        temperatures(ExitLogits(outputs.values[[index]], outputs.labels))[0] for index in range(3)
    ]
    assert temperatures(outputs) == pytest.approx(alone, rel=1e-3)


@settings(max_examples=30)
@given(EIGHTHS, LABELS)
def test_predictions_do_not_change(logits, labels):
    outputs = ExitLogits(logits, labels)
    cooled = scale_outputs(outputs, temperatures(outputs))
    assert np.array_equal(cooled.values.argmax(-1), logits.argmax(-1))


def test_division_keeps_labels_and_gates():
    outputs = ExitLogits(
        np.full((2, 1, 3), 6, dtype=np.float32), np.array([2]), np.ones((2, 1), dtype=np.float32)
    )
    found = scale_outputs(outputs, np.array([2.0, 3.0]))
    assert found.values[:, 0, 0].tolist() == [3, 2]
    assert found.values.dtype == np.float32
    assert found.labels is outputs.labels
    assert found.gates is outputs.gates


def test_the_gradient_is_that_of_finite_differences(monkeypatch):
    handed = []
    minimize = calibration.minimize

    def spy(loss, *arguments, **options):
        handed.append(loss)
        return minimize(loss, *arguments, **options)

    monkeypatch.setattr(calibration, "minimize", spy)
    outputs = drawn([0.5, 2.0, 6.0], 50, seed=3)
    temperatures(outputs)
    (loss,) = handed
    for point in ([-1.0, 0.0, 0.7], [0.3, 2.0, -2.0]):
        log_scale = np.array(point)
        value, slope = loss(log_scale)
        numeric = approx_fprime(log_scale, lambda at: loss(at)[0], 1e-6)
        assert value == pytest.approx(losses(scale_outputs(outputs, np.exp(log_scale))).sum())
        assert slope == pytest.approx(numeric, rel=1e-4, abs=1e-6)


@settings(max_examples=30)
@given(arrays(np.float32, (2, 9, 4), elements=st.floats(-2, 2, width=32)), st.integers(0, 99))
def test_variances_are_scaled_to_the_largest_likelihood(values, seed):
    labels = np.random.default_rng(seed).normal(size=(9, 2)).astype(np.float32)
    outputs = ExitLogits(values, labels)

    def loss(scale):
        variances = outputs.variances * np.asarray(scale)[:, None, None]
        squares = np.square(labels - outputs.means)
        return (np.log(variances) + squares / variances).mean((1, 2))

    scale = temperatures(outputs)
    assert (loss(scale) <= loss(scale * 1.01) + 1e-9).all()
    assert (loss(scale) <= loss(scale / 1.01) + 1e-9).all()
    scaled = scale_outputs(outputs, scale)
    assert np.array_equal(scaled.means, outputs.means)
    ratios = np.broadcast_to(scale[:, None, None], outputs.variances.shape)
    assert scaled.variances / outputs.variances == pytest.approx(ratios, rel=1e-4)
    assert temperatures(scaled) == pytest.approx(np.ones(2), rel=1e-4)
