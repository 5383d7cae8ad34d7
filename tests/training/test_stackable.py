"""Which configurations stack, found out for plug-ins that nobody listed."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from harness.core.errors import InputError, TrialError
from harness.core.types import DataShape
from harness.models.backbones import BACKBONES
from harness.models.backbones.convolutional import ConvolutionalBackbone
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.resnet import ResNet
from harness.regimes import REGIMES, Regime
from harness.regimes.boosted import Boosted
from harness.regimes.joint import Joint
from harness.training import stackable, stacked_turn
from harness.training.options import TrainingOptions
from harness.training.stackable import why_not

SHAPE = DataShape((1, 8, 8), 4, "classification")
SMALL = ImageCNN(widths=(4, 4, 4), pool=1)
ALONE = {
    "meta_weighted": "`meta_loss`",
    "sequential_ewc": "`penalty`",
    "sequential_lwf": "`penalty`",
}


def reason(regime, backbone=SMALL, options=None, shape=SHAPE):
    static_exit = regime.static_exits(3)[-1]
    return why_not(backbone, regime, options or TrainingOptions(), shape, static_exit)


@pytest.mark.parametrize("name", REGIMES.names())
def test_regimes_stack_that_change_no_network_before_a_step(name):
    found = reason(REGIMES.get(name)())
    assert (found is None) == (name not in ALONE)
    assert ALONE.get(name, "") in (found or "")


def test_it_is_found_out_for_each_value():
    assert reason(Boosted(rescaled=False)) is None


@pytest.mark.parametrize("normalisation", ["batch", "group"])
def test_a_backbone_may_keep_running_statistics(normalisation):
    backbone = ResNet(depth=1, width=4, normalisation=normalisation)
    assert reason(Joint(), backbone, shape=DataShape((3, 16, 16), 4, "classification")) is None


def test_a_regression_stacks():
    backbone = BACKBONES.get("spectral_cnn")(widths=(4, 4, 4))
    assert (
        reason(REGIMES.get("soft_cgt")(), backbone, shape=DataShape((1, 30), 2, "regression"))
        is None
    )


@dataclass(frozen=True)
class OfItsBatch(Regime):
    """Half the weight for what is wrong: as a user would write it."""

    def eligibility(self, logits, labels):
        return (1 + (logits.argmax(-1) == labels).float()) / 2


@dataclass(frozen=True)
class Looking(Regime):
    """Its weights depend on a value that it reads."""

    def eligibility(self, logits, labels):
        return super().eligibility(logits, labels) * (2 if logits.max().item() > 0 else 1)


@dataclass(frozen=True)
class Refusing(Regime):
    """Fails by itself."""

    def eligibility(self, logits, labels):
        del logits, labels
        raise TrialError("this never trains")


def test_a_users_regime_stacks_where_torch_can_map_it():
    assert reason(OfItsBatch()) is None
    assert ".item()" in reason(Looking())
    assert "this never trains" in reason(Refusing())


@dataclass(frozen=True)
class Dropping(ConvolutionalBackbone):
    """A backbone whose training draws random numbers."""

    def blocks(self, input_shape):
        return tuple(
            nn.Sequential(nn.Conv2d(narrow, 4, 3, padding=1), nn.Dropout(0.5))
            for narrow in (input_shape[0], 4, 4)
        )


def test_dropout_trains_alone():
    assert "random" in reason(Joint(), Dropping(widths=(4, 4, 4)))


def test_a_graph_and_bfloat16_train_alone():
    graph = BACKBONES.get("sas_gnn")(widths=(4, 4, 4))
    shape = DataShape((5,), 4, "classification")
    assert "graph" in reason(Joint(), graph, shape=shape)
    assert "bfloat16" in reason(Joint(), options=TrainingOptions(precision="bfloat16"))


def test_what_cannot_be_trained_at_all_is_refused():
    with pytest.raises(InputError, match="lambda_start"):
        reason(Joint(lambda_start=(1.0, 2.0)))


def test_a_stack_whose_members_mix_is_found(monkeypatch):
    """Were an operation to read two members, no plug-in would stack."""
    stackable._why_steps_differ.cache_clear()
    losses = stacked_turn.Turn.losses

    def mixed(*arguments):
        found, *others = losses(*arguments)
        return found.sum() * found, *others

    monkeypatch.setattr(stacked_turn.Turn, "losses", mixed)
    found = reason(Joint(preset="branchynet"))
    stackable._why_steps_differ.cache_clear()
    assert "one by one" in found


def test_the_global_generator_stays_as_it_is():
    stackable._why_steps_differ.cache_clear()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    assert reason(Joint(preset="linear_ramp")) is None
    assert torch.equal(torch.rand(1), expected)
