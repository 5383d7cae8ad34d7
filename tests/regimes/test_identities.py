"""The identities that METHODS section 1 asks of every regime."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from harness.core.errors import InputError
from harness.regimes import REGIMES
from harness.regimes.hard_cgt import HardCGT
from harness.regimes.joint import Joint
from harness.regimes.soft_cgt import SoftCGT

GATED = [HardCGT(), SoftCGT(), SoftCGT(h="logistic", kappa=10.0)]


EXITS = st.integers(1, 5)


@st.composite
def batches(draw, exits=EXITS):
    e, n, k = draw(exits), draw(st.integers(1, 12)), draw(st.integers(2, 6))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    scale = draw(st.sampled_from([0.1, 1.0, 10.0]))
    logits = scale * torch.randn(e, n, k, generator=generator, dtype=torch.float64)
    return logits, torch.randint(0, k, (n,), generator=generator)


@st.composite
def gated(draw):
    beta, tau = draw(st.floats(0, 1)), draw(st.floats(0, 1.5))
    if draw(st.booleans()):
        return HardCGT(beta=beta, tau=tau)
    h, kappa = draw(st.sampled_from(["identity", "logistic"])), draw(st.floats(0.1, 50))
    return SoftCGT(beta=beta, tau=tau, h=h, kappa=kappa)


@given(batches(), st.floats(0, 1))
def test_no_gate_strength_is_joint(batch, progress):
    for regime in (HardCGT(beta=0.0), SoftCGT(beta=0.0)):
        assert torch.equal(regime.loss(*batch, progress), Joint().loss(*batch, progress))


@given(batches(exits=st.just(1)), st.floats(0, 1))
def test_one_exit_is_plain_cross_entropy(batch, progress):
    logits, labels = batch
    plain = functional.cross_entropy(logits[0], labels)
    for name in REGIMES.names():
        loss = REGIMES.get(name)().loss(logits, labels, progress)
        torch.testing.assert_close(loss, plain)


@given(batches(), gated(), st.floats(0, 1))
def test_weights_lie_between_zero_and_the_largest_lambda_plus_eps(batch, regime, progress):
    weights = type(regime)(beta=regime.beta, tau=regime.tau, eps=0.001).weights(*batch, progress)
    assert weights.min() >= 0
    assert weights.max() <= 1.001 + 1e-12


@given(batches(), gated())
def test_eligibility_never_rises_with_depth(batch, regime):
    gate = regime.eligibility(*batch)
    assert torch.all(gate[0] == 1)
    assert torch.all(gate.diff(dim=0) <= 1e-12)


@given(batches(), st.floats(0, 1))
def test_a_hard_gate_above_one_is_joint(batch, progress):
    hard = HardCGT(tau=1.01)
    assert torch.equal(hard.loss(*batch, progress), Joint().loss(*batch, progress))


@given(batches(), st.integers(0, 2**31))
def test_permuting_samples_permutes_weights(batch, seed):
    logits, labels = batch
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    for name in REGIMES.names():
        regime = REGIMES.get(name)()
        moved = regime.weights(logits[:, order], labels[order], 0.5)
        assert torch.equal(moved, regime.weights(logits, labels, 0.5)[:, order])


@pytest.mark.parametrize("regime", GATED)
def test_no_gradient_flows_through_gates(regime):
    logits = torch.randn(3, 8, 4, requires_grad=True)
    labels = torch.randint(0, 4, (8,))
    weights = regime.weights(logits, labels, 0.0)
    assert not weights.requires_grad
    regime.loss(logits, labels, 0.0).backward()
    gated_gradient = logits.grad.clone()
    logits.grad = None
    losses = torch.stack([functional.cross_entropy(z, labels, reduction="none") for z in logits])
    (weights * losses).sum(0).mean().backward()
    torch.testing.assert_close(gated_gradient, logits.grad)


@given(batches(), gated())
def test_normalised_weights_sum_to_one(batch, regime):
    normal = type(regime)(beta=regime.beta, tau=regime.tau, eps=0.001, normalise=True)
    sums = normal.weights(*batch, 0.5).sum(0)
    torch.testing.assert_close(sums, torch.ones_like(sums))


def test_gates_by_hand():
    logits = torch.log(torch.tensor([[[0.95, 0.05], [0.6, 0.4]], [[0.5, 0.5], [0.9, 0.1]]]))
    labels = torch.tensor([0, 0])
    hard = HardCGT(beta=0.5, tau=0.9).eligibility(logits, labels)
    torch.testing.assert_close(hard, torch.tensor([[1.0, 1.0], [0.5, 1.0]]))
    soft = SoftCGT(beta=1.0).eligibility(logits, labels)
    torch.testing.assert_close(soft, torch.tensor([[1.0, 1.0], [0.05, 0.4]]))
    # METHODS section 8: at kappa = 1, tau = .9 the gate spans only .711 to .475.
    ends = torch.tensor([[[-40.0, 40.0], [40.0, -40.0]]] * 2)
    logistic = SoftCGT(h="logistic").eligibility(ends, labels)
    torch.testing.assert_close(logistic[1], torch.tensor([0.711, 0.475]), atol=1e-3, rtol=0)


def test_a_confident_mistake_stays_eligible():
    logits = torch.log(torch.tensor([[[0.01, 0.99]], [[0.5, 0.5]]]))
    assert HardCGT().eligibility(logits, torch.tensor([0]))[1, 0] == 1


def test_lambda_anneals_linearly():
    regime = Joint(lambda_start=(1.0, 0.0), lambda_end=(0.0, 1.0))
    weights = regime.weights(torch.zeros(2, 3, 4), torch.zeros(3, dtype=torch.int64), 0.25)
    torch.testing.assert_close(weights[:, 0], torch.tensor([0.75, 0.25]))


def test_joint_presets():
    batch = torch.zeros(3, 1, 2), torch.zeros(1, dtype=torch.int64)
    ramp = Joint(preset="linear_ramp").weights(*batch, 0.0)[:, 0]
    torch.testing.assert_close(ramp, torch.tensor([1 / 3, 2 / 3, 1.0]))
    branchy = Joint(preset="branchynet").weights(*batch, 0.0)[:, 0]
    torch.testing.assert_close(branchy, torch.tensor([1.0, 0.3, 0.3]))


def test_per_exit_values_of_the_wrong_number_are_refused():
    batch = torch.zeros(3, 1, 2), torch.zeros(1, dtype=torch.int64)
    with pytest.raises(InputError, match=r"tau: 4 values for 2 exits"):
        HardCGT(tau=(0.1, 0.2, 0.3, 0.4)).weights(*batch, 0.0)
    for allowed in ((0.5, 0.9), (0.5, 0.9, 0.0)):
        assert HardCGT(tau=allowed).weights(*batch, 0.0).shape == (3, 1)


@pytest.mark.parametrize("name", REGIMES.names())
@pytest.mark.parametrize("exits", [1, 2, 3, 5])
def test_plans_share_out_all_epochs_and_train_every_exit(name, exits):
    plan = REGIMES.get(name)().plan(exits)
    assert sum(phase.share for phase in plan) == pytest.approx(1)
    assert {head for phase in plan for head in phase.heads} == set(range(1, exits + 1))
    assert {stage for phase in plan for stage in phase.stages} == set(range(1, exits + 1))
