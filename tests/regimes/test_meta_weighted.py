import copy
import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import Lookahead
from harness.regimes.meta_weighted import MetaWeighted, leaving


def batch(exits, samples=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(exits, samples, 4, generator=generator)
    return logits, torch.randint(0, 4, (samples,), generator=generator)


@pytest.fixture
def ahead():
    """A network of three exits, and a batch of seven images: four to learn from, three unseen."""
    torch.manual_seed(0)
    network = build_network(ImageCNN(widths=(4, 4, 4), pool=1), (1, 8, 8), 3).double()
    inputs = torch.randn(7, 1, 8, 8, dtype=torch.float64)
    return Lookahead(network, inputs, torch.tensor([0, 1, 2, 0, 1, 2, 0]), 0.5, progress=0.5)


def test_who_leaves_where_by_hand():
    # q = 1/2 and three exits: shares 4/7, 2/7, 1/7; of seven samples 4, 2 and the rest.
    first = torch.tensor([0.9, 0.2, 0.8, 0.3, 0.7, 0.6, 0.1])
    second = torch.tensor([1.0, 0.5, 1.0, 0.4, 1.0, 1.0, 0.6])
    leaves = leaving(torch.stack([first, second, first]), q=0.5)
    assert leaves.int().tolist() == [
        [1, 0, 1, 0, 1, 1, 0],
        [0, 1, 0, 0, 0, 0, 1],
        [0, 0, 0, 1, 0, 0, 0],
    ]


@given(st.integers(1, 5), st.integers(1, 12), st.floats(0.05, 2), st.integers(0, 2**31))
def test_who_leaves_where_one_by_one(exits, samples, q, seed):
    confidence = torch.rand(exits, samples, generator=torch.Generator().manual_seed(seed))
    inside = set(range(samples))
    total = sum(q**e for e in range(1, exits + 1))
    expected = torch.zeros(exits, samples, dtype=torch.bool)
    for index in range(exits):
        ranked = sorted(inside, key=lambda i: -confidence[index, i].item())
        last = index == exits - 1
        chosen = ranked if last else ranked[: int(samples * q ** (index + 1) / total)]
        expected[index, chosen] = True
        inside -= set(chosen)
    assert torch.equal(leaving(confidence, q), expected)


@given(st.integers(1, 5), st.floats(0, 1), st.integers(0, 2**31))
def test_learned_weights_stay_near_one_and_keep_a_samples_mean(exits, delta, seed):
    torch.manual_seed(seed)
    regime = MetaWeighted(delta=delta)
    auxiliary = regime.auxiliary(exits)
    for parameter in auxiliary.parameters():
        nn.init.normal_(parameter, std=3)
    weights = regime.weights(*batch(exits), 0.0, auxiliary)
    assert not weights.requires_grad
    assert weights.min() >= 1 - delta - 1e-6
    assert weights.max() <= 1 + delta + 1e-6
    torch.testing.assert_close(weights.mean(0), torch.ones(6))


def test_learned_weights_by_hand():
    raw = torch.tensor([1.0, -1.0, -1.0])
    lambdas = (1.0, 2.0, 0.0)
    regime = MetaWeighted(delta=0.6, eps=0.1, lambda_start=lambdas, lambda_end=lambdas)
    weights = regime.weights(*batch(3), 0.0, raw.expand_as)
    # v = 1, -1/2, -1/2: the widest spread there is.
    torch.testing.assert_close(weights[:, 0], torch.tensor([1.7, 1.5, 0.1]))


def test_the_weight_network_reads_the_losses_of_all_exits_of_a_sample():
    logits, labels = batch(3)
    calls = []
    regime = MetaWeighted()
    regime.weights(logits, labels, 0.0, lambda losses: calls.append(losses) or losses)
    expected = torch.stack([functional.cross_entropy(z, labels, reduction="none") for z in logits])
    torch.testing.assert_close(calls[0], expected.T)


def test_the_meta_loss_is_that_of_a_real_step(ahead):
    lambdas = {"lambda_start": (1.0, 1.0, 3.0), "lambda_end": (1.0, 2.0, 1.0)}
    regime = MetaWeighted(q=0.5, **lambdas)
    auxiliary = regime.auxiliary(3).double()
    moved = copy.deepcopy(ahead.network)
    optimizer = torch.optim.SGD(moved.parameters(), lr=ahead.learning_rate)
    logits = moved(ahead.inputs[:4])
    regime.loss(logits, ahead.labels[:4], ahead.progress, auxiliary).backward()
    optimizer.step()
    unseen, labels = moved(ahead.inputs[4:]), ahead.labels[4:]
    # Shares of 4/7, 2/7, 1/7 of three samples: one for the first exit, two for the last.
    first = unseen[0].softmax(-1).amax(-1).argmax().item()
    rest = [i for i in range(3) if i != first]
    expected = functional.cross_entropy(unseen[0, [first]], labels[[first]])
    expected += functional.cross_entropy(unseen[2, rest], labels[rest])
    torch.testing.assert_close(regime.meta_loss(auxiliary, ahead), expected)


def test_the_meta_gradient_is_that_of_finite_differences(ahead):
    regime = MetaWeighted()
    auxiliary = regime.auxiliary(3).double()
    parameters = list(auxiliary.parameters())
    found = torch.autograd.grad(regime.meta_loss(auxiliary, ahead), parameters)
    directions = [torch.randn_like(parameter) for parameter in parameters]
    ends = []
    for step in (1e-7, -2e-7):
        with torch.no_grad():
            for parameter, direction in zip(parameters, directions, strict=True):
                parameter.add_(direction, alpha=step)
        ends.append(regime.meta_loss(auxiliary, ahead).item())
    slope = sum((g * d).sum() for g, d in zip(found, directions, strict=True)).item()
    assert abs(slope) > 1e-6
    assert (ends[0] - ends[1]) / 2e-7 == pytest.approx(slope, rel=1e-4)


def test_a_single_sample_has_no_other_half(ahead):
    alone = Lookahead(ahead.network, ahead.inputs[:1], ahead.labels[:1], 0.5, progress=0.0)
    regime = MetaWeighted()
    assert regime.meta_loss(regime.auxiliary(3).double(), alone) is None


def test_weights_that_matter_are_learned(ahead):
    regime = MetaWeighted()
    auxiliary = regime.auxiliary(3).double()
    optimizer = torch.optim.AdamW(auxiliary.parameters(), lr=1e-3)
    losses = []
    for _ in range(20):
        losses.append(regime.meta_loss(auxiliary, ahead))
        optimizer.zero_grad()
        losses[-1].backward(inputs=list(auxiliary.parameters()))
        optimizer.step()
    assert all(after < before for before, after in itertools.pairwise(losses))
    assert all(parameter.grad is None for parameter in ahead.network.parameters())
