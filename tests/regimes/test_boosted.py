import torch
from torch.nn import functional

from harness.regimes.boosted import Boosted
from harness.regimes.gradient_equilibrium import GradientEquilibrium
from harness.regimes.joint import Joint

LOGITS = torch.tensor([[[4.0, 0.0]], [[1.0, 2.0]], [[0.0, 1.0]]])
ENSEMBLES = torch.tensor([[[4.0, 0.0]], [[3.0, 2.0]], [[1.5, 2.0]]])


def test_ensembles_by_hand():
    assert torch.equal(Boosted(temperature=0.5).outputs(LOGITS), ENSEMBLES)


def test_the_loss_is_that_of_the_ensembles():
    labels = torch.tensor([1])
    boosted = Boosted(temperature=0.5, label_smoothing=0.1).losses(LOGITS, labels)
    assert torch.equal(boosted, Joint(label_smoothing=0.1).losses(ENSEMBLES, labels))


def test_an_exit_fits_the_residual_and_leaves_the_shallower_ones_alone():
    logits = LOGITS.clone().requires_grad_()
    labels = torch.tensor([1])
    (found,) = torch.autograd.grad(Boosted(temperature=0.5).loss(logits, labels, 0.0), logits)
    residual = ENSEMBLES.softmax(-1) - functional.one_hot(labels, 2)
    torch.testing.assert_close(found, residual)


def test_gradients_are_rescaled_if_asked():
    assert Boosted().plan(4) == GradientEquilibrium().plan(4)
    assert Boosted(rescaled=False).plan(4) == Joint().plan(4)
