"""What one step moves, against gradients taken one loss at a time."""

import copy
from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch.nn import functional

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import REGIMES, Phase, Regime
from harness.regimes.gradient_equilibrium import GradientEquilibrium
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.regimes.meta_weighted import MetaWeighted
from harness.regimes.separate import Separate
from harness.training.model import ExitModel
from harness.training.step import Step

RATE = 0.25


@dataclass(frozen=True)
class Watched(Regime):
    """A auxiliary whose meta loss reaches into the network, and that notes what it is shown."""

    def auxiliary(self, exits):
        return nn.Linear(exits, 1)

    def meta_loss(self, auxiliary, step):
        auxiliary.lookahead = step
        return auxiliary(step.network(step.inputs).mean((1, 2))).square().sum()


def model_of(regime):
    torch.manual_seed(0)
    return ExitModel(build_network(ImageCNN(widths=(4, 4, 4), pool=1), (1, 8, 8), 3), regime, 3)


def batch(samples=8):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(samples, 1, 8, 8, generator=generator)
    return inputs, torch.arange(samples) % 3


def step_of(model, phase=None, kind=torch.optim.SGD, **options):
    (whole,) = model.regime.plan(3)
    optimizer = kind(model.network.parameters(), lr=RATE, **options)
    return Step(model, phase or whole, optimizer, bfloat16=False), optimizer


def copied(module):
    return {name: value.clone() for name, value in module.named_parameters()}


def moves(network, before):
    """What a step of plain SGD took each parameter's gradient to be."""
    return {name: (before[name] - p.detach()) / RATE for name, p in network.named_parameters()}


def gradients(network, inputs, labels):
    """The gradients of each exit's cross-entropy alone, zero where it does not reach."""
    found = []
    for number in range(1, 4):
        network.zero_grad()
        functional.cross_entropy(network(inputs)[number - 1], labels).backward()
        zero = {name: torch.zeros_like(p) for name, p in network.named_parameters()}
        found.append(
            zero | {n: p.grad for n, p in network.named_parameters() if p.grad is not None}
        )
    network.zero_grad()
    return found


def assert_moved(network, before, expected):
    for name, move in moves(network, before).items():
        torch.testing.assert_close(move, expected(name), atol=1e-6, rtol=1e-4, msg=name)


def test_joint_moves_by_the_sum_of_all_gradients():
    model = model_of(Joint())
    alone = gradients(model.network, *batch())
    before = copied(model.network)
    losses = [functional.cross_entropy(z, batch()[1]).item() for z in model.network(batch()[0])]
    loss, weights = step_of(model)[0].take(*batch(), 0.0)
    assert_moved(model.network, before, lambda name: sum(g[name] for g in alone))
    assert loss == pytest.approx(sum(losses), rel=1e-5)
    assert weights.tolist() == [1.0, 1.0, 1.0]


def test_equilibrium_moves_each_stage_by_the_mean_of_the_gradients_behind_it():
    model = model_of(GradientEquilibrium())
    alone = gradients(model.network, *batch())
    before = copied(model.network)
    step_of(model)[0].take(*batch(), 0.0)

    def expected(name):
        kind, index = name.split(".")[:2]
        behind = [g[name] for g in alone[int(index) :]]
        return behind[0] if kind == "heads" else sum(behind) / len(behind)

    assert_moved(model.network, before, expected)


def test_separate_moves_exit_after_exit():
    model = model_of(Separate(lambda_start=(1.0, 0.5, 2.0), lambda_end=(1.0, 0.5, 2.0)))
    by_hand, total = copy.deepcopy(model.network), 0.0
    for number, scale in enumerate((1.0, 0.5, 2.0), 1):
        prefix = [f"stages.{i}." for i in range(number)] + [f"heads.{number - 1}."]
        learning = [p for n, p in by_hand.named_parameters() if n.startswith(tuple(prefix))]
        loss = scale * functional.cross_entropy(by_hand(batch()[0])[number - 1], batch()[1])
        for parameter, gradient in zip(learning, torch.autograd.grad(loss, learning), strict=True):
            parameter.data.sub_(RATE * gradient)
        total += loss.item()
    loss, weights = step_of(model)[0].take(*batch(), 0.0)
    assert loss == pytest.approx(total, rel=1e-5)
    assert weights.tolist() == [1.0, 0.5, 2.0]
    for (name, found), expected in zip(
        model.network.named_parameters(), by_hand.parameters(), strict=True
    ):
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4, msg=name)


def test_a_penalty_adds_to_the_loss_and_to_the_move():
    model = model_of(Joint())
    alone = gradients(model.network, *batch())
    before = copied(model.network)
    seen = []

    def penalty(inputs, logits):
        seen.append((inputs, logits.shape))
        return 0.5 * model.network.heads[0].classify[0].bias.sum()

    (phase,) = Joint().plan(3)
    optimizer = torch.optim.SGD(model.network.parameters(), lr=RATE)
    plain = sum(functional.cross_entropy(z, batch()[1]).item() for z in model.network(batch()[0]))
    bias = model.network.heads[0].classify[0].bias.sum().item()
    loss, _ = Step(model, phase, optimizer, bfloat16=False, penalty=penalty).take(*batch(), 0.0)
    assert loss == pytest.approx(plain + 0.5 * bias, rel=1e-5)
    assert torch.equal(seen[0][0], batch()[0])
    assert seen[0][1] == (3, 8, 3)

    def expected(name):
        return sum(g[name] for g in alone) + (0.5 if name == "heads.0.classify.0.bias" else 0)

    assert_moved(model.network, before, expected)


def test_a_turn_of_separate_touches_nothing_but_its_head_and_the_stages_before_it():
    # Momentum and decay would move the rest, if it had any gradient at all.
    model = model_of(Separate())
    options = {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}
    step, optimizer = step_of(model, **options)
    changed, before = [], [copied(model.network)]

    def note(*_):
        now = copied(model.network)
        changed.append({n for n in now if not torch.equal(now[n], before[-1][n])})
        before.append(now)

    optimizer.register_step_post_hook(note)
    step.take(*batch(), 0.0)
    step.take(*batch(), 0.0)
    assert len(changed) == 6
    for turn, names in enumerate(changed):
        number = turn % 3 + 1
        prefix = (*(f"stages.{i}." for i in range(number)), f"heads.{number - 1}.")
        assert names == {n for n in before[0] if n.startswith(prefix)}


def test_a_turn_takes_scales_too():
    phase = Phase(1.0, (1, 2, 3), (1, 2, 3), one_by_one=True, scales=((0.0, 0.0), (0.0, 0.0)))
    model = model_of(Joint())
    before = copied(model.network)
    step_of(model, phase)[0].take(*batch(), 0.0)
    for name, move in moves(model.network, before).items():
        assert name.startswith(("stages.0", "stages.1")) == (move.abs().max() == 0), name


def test_gate_heads_learn_and_the_network_does_as_in_joint():
    gated, joint = model_of(LearnedGate()), model_of(Joint())
    for model in (gated, joint):
        step, _ = step_of(model)
        losses = [step.take(*batch(), 0.0)[0] for _ in range(5)]
    for (name, found), expected in zip(
        gated.network.named_parameters(), joint.network.parameters(), strict=True
    ):
        assert torch.equal(found, expected), name
    # With the network at rest the loss falls by what the gates learn.
    step, optimizer = step_of(gated)
    optimizer.param_groups[0]["lr"] = 0.0
    losses = [step.take(*batch(), 0.0)[0] for _ in range(20)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]


def test_a_meta_step_changes_the_companion_alone():
    watched, joint = model_of(Watched()), model_of(Joint())
    auxiliary = copied(watched.auxiliary)
    joint.network.load_state_dict(watched.network.state_dict())
    for model in (watched, joint):
        step_of(model)[0].take(*batch(), 0.5)
    for (name, found), expected in zip(
        watched.network.named_parameters(), joint.network.parameters(), strict=True
    ):
        assert torch.equal(found, expected), name
    for name, parameter in watched.auxiliary.named_parameters():
        assert not torch.equal(parameter, auxiliary[name]), name


def test_a_meta_step_sees_the_batch_and_the_step_to_come():
    model = model_of(Watched())
    step, optimizer = step_of(model)
    optimizer.param_groups[0]["lr"] = 0.125
    step.take(*batch(), 0.75)
    lookahead = model.auxiliary.lookahead
    assert lookahead.network is model.network
    assert torch.equal(lookahead.inputs, batch()[0])
    assert torch.equal(lookahead.labels, batch()[1])
    assert (lookahead.learning_rate, lookahead.progress) == (0.125, 0.75)


def test_the_network_learns_by_the_weights_after_the_meta_step():
    regime = MetaWeighted()
    model = model_of(regime)
    network, auxiliary = copy.deepcopy(model.network), copied(model.auxiliary)
    _, weights = step_of(model)[0].take(*batch(), 0.0)
    for name, parameter in model.auxiliary.named_parameters():
        assert not torch.equal(parameter, auxiliary[name]), name
    logits = network(batch()[0])
    learned = regime.weights(logits.detach(), batch()[1], 0.0, model.auxiliary)
    torch.testing.assert_close(weights, learned.mean(1))
    assert learned.std() > 0
    losses = torch.stack(
        [functional.cross_entropy(z, batch()[1], reduction="none") for z in logits]
    )
    (learned * losses).sum(0).mean().backward()
    before = {name: p.detach() for name, p in network.named_parameters()}
    expected = {name: p.grad for name, p in network.named_parameters()}
    assert_moved(model.network, before, lambda name: expected[name])


@pytest.mark.parametrize("name", REGIMES.names())
@pytest.mark.parametrize(("samples", "bfloat16"), [(1, False), (2, False), (2, True)])
def test_every_regime_takes_the_smallest_batches(name, samples, bfloat16):
    model = model_of(REGIMES.get(name)())
    for phase in model.regime.plan(3):
        optimizer = torch.optim.AdamW(model.network.parameters(), lr=1e-3)
        loss, weights = Step(model, phase, optimizer, bfloat16=bfloat16).take(*batch(samples), 1.0)
        assert loss > 0
        assert len(weights) == len(phase.heads)
