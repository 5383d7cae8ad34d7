import math

import pytest
import torch

from harness.core.errors import InputError
from harness.regimes.cgt_official import CGTOfficial
from harness.regimes.hard_cgt import HardCGT
from harness.regimes.soft_cgt import SoftCGT

OFFICIAL = {
    "lambda_start": (1.0, 0.7, 0.4, 0.1),
    "lambda_end": (0.2, 0.5, 0.8, 1.0),
    "eps": 1e-3,
    "normalise": True,
    "label_smoothing": 0.1,
}
LABELS = torch.tensor([0, 1])


def sure_of_the_first_class(exits=4, samples=2):
    """Every exit gives the first of two classes 0.9."""
    return torch.log(torch.tensor([0.9, 0.1], dtype=torch.float64)).expand(exits, samples, 2)


def random_batch(exits):
    generator = torch.Generator().manual_seed(1)
    logits = 2 * torch.randn(exits, 20, 3, generator=generator, dtype=torch.float64)
    return logits, torch.randint(0, 3, (20,), generator=generator)


def share(values):
    values = torch.tensor(values, dtype=torch.float64)
    return values / values.sum()


@pytest.mark.parametrize(
    ("progress", "leaked"),
    [
        # lambda_e / 2^(e-1) + 0.001: at p(y) = tau the logistic gate is 1/2.
        (0.0, (1.001, 0.351, 0.101, 0.0135)),
        (0.5, (0.601, 0.301, 0.151, 0.06975)),
        (1.0, (0.201, 0.251, 0.201, 0.126)),
    ],
)
def test_soft_weights_by_hand(progress, leaked):
    weights = CGTOfficial().weights(sure_of_the_first_class(), LABELS, progress)
    torch.testing.assert_close(weights[:, 0], share(leaked))


def test_hard_weights_by_hand():
    weights = CGTOfficial(gate="hard").weights(sure_of_the_first_class(), LABELS, 0.0)
    torch.testing.assert_close(weights[:, 0], share((1.001, 0.001, 0.001, 0.001)))
    torch.testing.assert_close(weights[:, 1], share((1.001, 0.701, 0.401, 0.101)))


def test_it_is_the_two_regimes_with_the_official_values():
    batch = random_batch(4)
    for progress in (0.0, 0.3, 1.0):
        soft = SoftCGT(h="logistic", kappa=1.0, tau=0.9, **OFFICIAL).loss(*batch, progress)
        assert torch.equal(CGTOfficial().loss(*batch, progress), soft)
        hard = HardCGT(tau=0.5, **OFFICIAL).loss(*batch, progress)
        assert torch.equal(CGTOfficial(gate="hard").loss(*batch, progress), hard)


@pytest.mark.parametrize(
    ("exits", "start", "end"),
    [
        (1, (1.0,), (0.2,)),
        (2, (1.0, 0.1), (0.2, 1.0)),
        (3, (1.0, 0.55, 0.1), (0.2, 0.65, 1.0)),
        (7, (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1), (0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)),
    ],
)
def test_exit_weights_follow_relative_depth(exits, start, end):
    found = CGTOfficial().exit_weights(exits)
    assert found[0] == pytest.approx(start)
    assert found[1] == pytest.approx(end)


def test_four_exits_have_the_official_weights_exactly():
    official = (OFFICIAL["lambda_start"], OFFICIAL["lambda_end"])
    assert CGTOfficial().exit_weights(4) == official


def test_a_shared_exit_weight_stays_shared():
    assert CGTOfficial(lambda_start=2.0, lambda_end=0.5).exit_weights(3) == (2.0, 0.5)


@pytest.mark.parametrize("exits", [1, 2, 3, 4, 6])
def test_restriction_to_all_heads_changes_no_number(exits):
    batch = random_batch(exits)
    restricted = CGTOfficial().restricted(tuple(range(1, exits + 1)), exits)
    assert torch.equal(restricted.loss(*batch, 0.4), CGTOfficial().loss(*batch, 0.4))


def test_a_phase_keeps_the_exit_weights_of_its_heads():
    restricted = CGTOfficial().restricted((1, 3), 3)
    assert restricted.exit_weights(2) == (pytest.approx((1.0, 0.1)), pytest.approx((0.2, 1.0)))
    assert CGTOfficial().restricted((2,), 3).exit_weights(1)[0] == pytest.approx((0.55,))


def test_an_empty_list_of_exit_weights_is_refused():
    with pytest.raises(InputError, match="lambda_end: 0 values for 4 exits"):
        CGTOfficial(lambda_end=()).weights(sure_of_the_first_class(), LABELS, 0.0)


def official_loss(logits, labels, progress, gate):
    """The authors' loss for four exits, sample by sample in plain Python, from their formulas.

    arXiv 2509.17885, equations of the hard and the soft residual gate, with the values of the
    authors' CIFAR-100 scripts: nothing of it comes from the package.
    """
    start, end = (1.0, 0.7, 0.4, 0.1), (0.2, 0.5, 0.8, 1.0)
    total = 0.0
    for i, label in enumerate(labels):
        left, weights, losses = 1.0, [], []
        for e in range(4):
            odds = [math.exp(z) for z in logits[e][i]]
            p = [o / sum(odds) for o in odds]
            weights.append(((1 - progress) * start[e] + progress * end[e]) * left + 0.001)
            smoothed = 0.1 * sum(-math.log(q) for q in p) / len(p)
            losses.append(-0.9 * math.log(p[label]) + smoothed)
            if gate == "soft":
                left *= 1 - 1 / (1 + math.exp(-(p[label] - 0.9)))
            else:
                left *= 0 if max(p) >= 0.5 and p.index(max(p)) == label else 1
        total += sum(w * loss for w, loss in zip(weights, losses, strict=True)) / sum(weights)
    return total / len(labels)


@pytest.mark.parametrize("gate", ["soft", "hard"])
@pytest.mark.parametrize("progress", [0.0, 0.35, 1.0])
def test_the_loss_is_the_official_formula(gate, progress):
    logits, labels = random_batch(4)
    found = CGTOfficial(gate=gate).loss(logits, labels, progress)
    expected = official_loss(logits.tolist(), labels.tolist(), progress, gate)
    assert float(found) == pytest.approx(expected, rel=1e-12)
