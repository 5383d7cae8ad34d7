"""What labels ask of an exit, in both tasks."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.policies.predicted_precision import PredictedPrecision
from harness.policies.predictions import apply_policy
from harness.regimes.hard_cgt import HardCGT
from harness.regimes.joint import Joint
from harness.regimes.soft_cgt import SoftCGT
from harness.tasks import task_named, task_of

CLASSES, VALUES = task_named("classification"), task_named("regression")


def values(mean, variance):
    """Outputs of one exit on one sample."""
    return torch.tensor([[[*mean, *(math.log(v) for v in variance)]]], dtype=torch.float64)


@st.composite
def batches(draw):
    e, n, d = draw(st.integers(1, 4)), draw(st.integers(1, 9)), draw(st.integers(1, 3))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    outputs = torch.randn(e, n, 2 * d, generator=generator, dtype=torch.float64) * 2
    return outputs, torch.randn(n, d, generator=generator, dtype=torch.float64)


def test_labels_determine_the_task():
    assert task_of(torch.zeros(3, dtype=torch.int64)) is CLASSES
    assert task_of(torch.zeros(3, 1)) is VALUES


def test_width_is_a_logit_per_class_or_mean_and_variance_per_target():
    assert CLASSES.width(3) == 3
    assert VALUES.width(3) == 6


@given(batches())
def test_the_loss_is_the_likelihood_of_independent_normals(batch):
    outputs, labels = batch
    mean, log_variance = outputs.chunk(2, -1)
    normal = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = -normal.log_prob(labels).mean(-1)
    torch.testing.assert_close(Joint().losses(outputs, labels), expected)
    torch.testing.assert_close(VALUES.loss(outputs[0], labels, "mean"), expected[0].mean())


def test_smoothed_targets_are_refused():
    with pytest.raises(InputError, match=r"label_smoothing: for classification only.*found 0.1"):
        Joint(label_smoothing=0.1).losses(torch.zeros(1, 1, 2), torch.zeros(1, 1))


def test_values_by_hand():
    # Errors 1 and 0, variances 4 and 1/2: z^2 = (1/4 + 0) / 2, c = 1 / (1 + 2.25).
    outputs, labels = values((1, 3), (4, 0.5)), torch.tensor([[2.0, 3.0]], dtype=torch.float64)
    assert VALUES.confidence(outputs).item() == pytest.approx(1 / 3.25)
    confidence, correct = VALUES.confidence_and_correct(outputs, labels)
    assert confidence.item() == pytest.approx(1 / 3.25)
    assert correct.item()
    found = VALUES.target_probability(outputs, labels).item()
    assert found == pytest.approx(math.exp(-0.125 / 2) / 3.25)
    assert VALUES.score(outputs, labels).item() == 0.5


@pytest.mark.parametrize(("error", "correct"), [(0.0, True), (0.99, True), (1.01, False)])
def test_correct_is_within_one_predicted_deviation(error, correct):
    outputs = values((0,), (0.25,))
    labels = torch.tensor([[error / 2]], dtype=torch.float64)
    assert VALUES.confidence_and_correct(outputs, labels)[1].item() == correct


@given(batches())
def test_target_probability_is_confidence_times_likelihood_relative_to_its_peak(batch):
    outputs, labels = batch
    mean, _ = outputs.chunk(2, -1)
    probability, confidence = VALUES.target_probability(outputs, labels), VALUES.confidence(outputs)
    assert ((probability >= 0) & (probability <= confidence)).all()
    peak = Joint().losses(outputs, labels) - torch.stack(
        [Joint().losses(z[None], m)[0] for z, m in zip(outputs, mean, strict=True)]
    )
    torch.testing.assert_close(probability, confidence * torch.exp(-peak))
    # The same in classification, where the peak is the most probable class.
    classes = torch.zeros(outputs.shape[1], dtype=torch.int64)
    losses = Joint().losses(outputs, classes)
    peaks = torch.stack([Joint().losses(z[None], z.argmax(-1))[0] for z in outputs])
    expected = CLASSES.confidence(outputs) * torch.exp(peaks - losses)
    torch.testing.assert_close(CLASSES.target_probability(outputs, classes), expected)


def test_gates_close_only_for_the_confident_and_correct():
    labels = torch.zeros(3, 1, dtype=torch.float64)
    # Confident and correct; confident and wrong; correct, but of large predicted variance.
    shallow = torch.cat([values((0,), (1e-4,)), values((1,), (1e-4,)), values((0,), (1,))], 1)
    outputs = torch.cat([shallow, torch.zeros_like(shallow)])
    hard = HardCGT(tau=0.9).eligibility(outputs, labels)[1]
    assert hard.tolist() == [0, 1, 1]
    soft = SoftCGT().eligibility(outputs, labels)[1]
    assert soft.tolist() == pytest.approx([1e-4 / 1.0001, 1, 0.5], abs=1e-12)


@given(batches())
def test_training_and_inference_mean_the_same_by_confidence_and_score(batch):
    outputs, labels = batch
    found = ExitLogits(outputs.float().numpy(), labels.float().numpy())
    predictions = apply_policy(PredictedPrecision(), found, found)
    confidence = VALUES.confidence(outputs.float()).numpy()
    np.testing.assert_allclose(predictions.confidence, confidence, rtol=1e-5)
    score = VALUES.score(outputs.float(), labels.float()).numpy()
    np.testing.assert_allclose(predictions.score, score, rtol=1e-4, atol=1e-4)
