import math

import pytest
import torch
from torch.nn import functional

from harness.regimes.distilled import Distilled
from harness.regimes.joint import Joint


def batch(exits=3, samples=5, classes=4, scale=1.0):
    generator = torch.Generator().manual_seed(0)
    logits = scale * torch.randn(exits, samples, classes, generator=generator, dtype=torch.float64)
    return logits.requires_grad_(), torch.randint(0, classes, (samples,), generator=generator)


def test_a_loss_by_hand():
    # At T = 2 the last exit gives (3, 1) / 4 and the first (1, 1) / 2; the label is the second.
    logits = torch.tensor([[[0.0, 0.0]], [[2 * math.log(3), 0.0]]], dtype=torch.float64)
    losses = Distilled(alpha=0.25, temperature=2.0).losses(logits, torch.tensor([1]))
    divergence = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert losses[0].item() == pytest.approx(0.75 * math.log(2) + 0.25 * 4 * divergence)
    assert losses[1].item() == pytest.approx(math.log(10))  # odds of 9 to 1 against it


def test_an_exit_that_agrees_with_the_last_has_nothing_to_imitate():
    logits, labels = batch()
    logits = logits[:1].expand(3, -1, -1)
    losses = Distilled(alpha=0.3).losses(logits, labels)
    plain = Joint().losses(logits, labels)
    torch.testing.assert_close(losses, plain * torch.tensor([0.7, 0.7, 1.0])[:, None])


def test_the_last_exit_learns_from_the_labels_alone():
    logits, labels = batch()
    (found,) = torch.autograd.grad(Distilled(alpha=0.9).loss(logits, labels, 0.0), logits)
    (plain,) = torch.autograd.grad(functional.cross_entropy(logits[-1], labels), logits)
    torch.testing.assert_close(found[-1], plain[-1])


def test_imitation_pulls_alike_at_every_high_temperature():
    # Hinton et al. 2015: for T far above the logits, T^2 times the gradient is (z_e - z_E) / K.
    logits, labels = batch(scale=0.01)
    for temperature in (5.0, 20.0):
        loss = Distilled(alpha=1.0, temperature=temperature).losses(logits, labels)[:-1].sum()
        (found,) = torch.autograd.grad(loss, logits)
        centred = logits - logits.mean(-1, keepdim=True)
        expected = (centred[:-1] - centred[-1]) / 4
        torch.testing.assert_close(found[:-1], expected, rtol=0.05, atol=1e-5)


def test_exit_weights_apply_to_imitation_too():
    logits, labels = batch()
    lambdas = (0.5, 0.0, 2.0)
    regime = Distilled(lambda_start=lambdas, lambda_end=lambdas)
    means = regime.losses(logits, labels).mean(1)
    expected = 0.5 * means[0] + 2 * means[2]
    torch.testing.assert_close(regime.loss(logits, labels, 0.5), expected)
