"""The residual network for small images."""

import pytest
import torch
from torch import nn

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.models.backbones.resnet import ResidualBlock, ResNet
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network


def test_macs_and_parameters_by_hand():
    """Images [1, 8, 8], an exit after each of three blocks, heads of one cell, 5 classes."""
    costs = exit_costs(ResNet(depth=1, width=2, pool=1), (1, 8, 8), 5)
    stage_1 = 64 * 9 * (1 * 2 + 2 * 2 + 2 * 2)  # the first convolution and a block at 8 x 8
    stage_2 = 16 * 9 * (2 * 4 + 4 * 4)
    stage_3 = 4 * 9 * (4 * 8 + 8 * 8)
    heads = [2 * 5, 4 * 5, 8 * 5]
    macs = [stage_1 + heads[0], stage_2 + heads[1], stage_3 + heads[2]]
    assert costs.macs.tolist() == [sum(macs[:e]) for e in (1, 2, 3)]
    assert costs.full == stage_1 + stage_2 + stage_3 + heads[2]
    norms = [3 * 2 * 2, 2 * 2 * 4, 2 * 2 * 8]
    weights = [9 * (2 + 4 + 4), 9 * (8 + 16), 9 * (32 + 64)]
    sizes = [w + n + h + 5 for w, n, h in zip(weights, norms, heads, strict=True)]
    assert costs.parameters.tolist() == [sum(sizes[:e]) for e in (1, 2, 3)]


@pytest.mark.parametrize(("depth", "millions"), [(3, 0.27), (5, 0.46), (7, 0.66), (9, 0.85)])
def test_networks_are_as_large_as_in_the_paper(depth, millions):
    """Table 6 of He et al. 2016: ResNet-20, -32, -44 and -56 on CIFAR-10."""
    recipe = ResNet(depth=depth, normalisation="batch", exits=1, pool=1)
    (parameters,) = exit_costs(recipe, (3, 32, 32), 10).parameters
    assert round(parameters / 1e6, 2) == millions


@pytest.mark.parametrize(("wide", "stride"), [(4, 1), (8, 2)])
def test_a_block_whose_convolutions_give_nothing_is_its_shortcut(wide, stride):
    block = ResidualBlock(4, wide, nn.Identity(), nn.Identity())
    nn.init.zeros_(block.residual[3].weight)
    features = torch.randn(2, 4, 6, 5)
    found = block(features)
    expected = torch.zeros_like(found)
    expected[:, :4] = features[:, :, ::stride, ::stride].relu()
    assert torch.equal(found, expected)


@pytest.mark.parametrize("side", [28, 27, 8, 5])
def test_images_of_any_size_are_halved_twice(side):
    network = build_network(ResNet(depth=1, width=4), (1, side, side), 10)
    features = torch.randn(2, 1, side, side)
    sides = []
    for stage in network.stages:
        features = stage(features)
        sides.append(features.shape[2])
    assert sides == [side, -(-side // 2), -(-side // 4)]


@pytest.mark.parametrize(("normalisation", "alone"), [("group", True), ("batch", False)])
def test_in_training_only_batches_make_samples_depend_on_each_other(normalisation, alone):
    recipe = ResNet(depth=1, width=4, normalisation=normalisation)
    network = build_network(recipe, (1, 8, 8), 10)
    inputs = torch.randn(6, 1, 8, 8)
    same = torch.allclose(network(inputs)[:, :2], network(inputs[:2]), atol=1e-5)
    assert same == alone
    assert any("running_mean" in name for name in network.state_dict()) != alone


def test_more_exits_than_residual_blocks_are_refused():
    with pytest.raises(InputError, match="exits: 4 exits need as many blocks, found 3"):
        ResNet(depth=1, exits=4)
    with pytest.raises(InputError, match=r"here: normalisation: .*'group' or 'batch'"):
        build(ResNet, {"normalisation": "layer"}, "here")
