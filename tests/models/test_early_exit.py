import pytest
import torch
from torch import nn
from torch.nn import functional

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.models.backbones import BACKBONES, Backbone
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.cost import exit_costs
from harness.models.early_exit import EarlyExitNet, average_pool, build_network, scale_gradient
from tests.models.recipes import fields_of, small_recipe

POOLED = [name for name in BACKBONES.names() if "pool" in fields_of(name)]
"""Backbones whose heads pool features to a few cells per axis."""


class Shallow(Backbone):
    """Two blocks, whatever is asked."""

    def blocks(self, input_shape):
        return nn.Conv2d(input_shape[0], 4, 3), nn.Conv2d(4, 4, 3)


@pytest.mark.parametrize("name", BACKBONES.names())
@pytest.mark.parametrize(("exits", "head"), [(1, 0), (2, 0), (3, 8), (4, 0)])
def test_every_backbone_gives_logits_at_rising_cost(name, exits, head):
    whole = small_recipe(name, exits=1)
    if exits > len(whole.blocks(whole.example_shape)):
        with pytest.raises(InputError, match=f"exits: {exits} exits need as many blocks"):
            build_network(small_recipe(name, exits=exits), whole.example_shape, 7)
        return
    recipe = small_recipe(name, exits=exits, head=head)
    network = build_network(recipe, recipe.example_shape, 7)
    assert network(torch.randn(5, *recipe.example_shape)).shape == (exits, 5, 7)
    costs = exit_costs(recipe, recipe.example_shape, 7)
    assert (costs.macs[1:] > costs.macs[:-1]).all()
    assert sum(p.numel() for p in network.parameters()) == costs.parameters[-1]


@pytest.mark.parametrize("name", BACKBONES.names())
def test_samples_do_not_influence_each_other(name):
    recipe = BACKBONES.get(name)()
    network = build_network(recipe, recipe.example_shape, 7).eval()
    inputs = torch.randn(6, *recipe.example_shape)
    torch.testing.assert_close(network(inputs)[:, :2], network(inputs[:2]), atol=1e-5, rtol=1e-4)


def test_a_static_network_has_one_exit():
    assert build_network(ImageCNN(), (1, 8, 8), 10, static_exit=2)(
        torch.randn(3, 1, 8, 8)
    ).shape == (1, 3, 10)


@pytest.mark.parametrize("name", BACKBONES.names())
def test_inputs_of_the_wrong_rank_are_refused(name):
    with pytest.raises(InputError, match=f"backbone {name} reads"):
        build_network(BACKBONES.get(name)(), (3, 4, 5, 6), 10)


def test_more_exits_than_blocks_are_refused():
    with pytest.raises(InputError, match="exits: 3 exits need as many blocks, found 2"):
        ImageCNN(widths=(4, 8), exits=3)
    with pytest.raises(InputError, match="exits: 3 exits need as many blocks, found 2"):
        build_network(Shallow(), (1, 8, 8), 10)


def test_unknown_static_exit_is_refused():
    with pytest.raises(InputError, match="static_exit: from 0 to 3, found 4"):
        build_network(ImageCNN(), (1, 8, 8), 10, static_exit=4)


def test_some_exits_alone_are_those_of_all():
    network = build_network(ImageCNN(), (1, 8, 8), 10)
    inputs = torch.randn(3, 1, 8, 8)
    every = network(inputs)
    assert torch.equal(network(inputs, (1, 3)), every[[0, 2]])
    reached = []
    network.stages[1].register_forward_hook(lambda *_: reached.append(2))
    assert torch.equal(network(inputs, (1,)), every[:1])
    assert reached == []


def test_a_scaled_gradient_leaves_the_values_alone():
    inputs = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    scaled = scale_gradient(inputs, 0.3)
    assert torch.equal(scaled, inputs)
    (first,) = torch.autograd.grad(scaled.pow(3).sum(), inputs, create_graph=True)
    torch.testing.assert_close(first, 0.3 * 3 * inputs**2)
    (second,) = torch.autograd.grad(first.sum(), inputs)
    torch.testing.assert_close(second, 0.3 * 0.3 * 6 * inputs)  # each way back is scaled


def test_gradients_are_scaled_of_mapped_networks_too():
    inputs = torch.randn(3, 4, 5, requires_grad=True)
    scaled = torch.func.vmap(lambda x: scale_gradient(x, 0.3))(inputs)
    assert torch.equal(scaled, inputs)
    (gradient,) = torch.autograd.grad(scaled.pow(3).sum(), inputs)
    assert torch.equal(gradient, 3 * inputs.square() * 0.3)


def test_scales_act_where_the_network_branches():
    stages = [nn.Linear(1, 1, bias=False) for _ in range(3)]
    heads = [nn.Linear(1, 1, bias=False) for _ in range(3)]
    for layer, value in zip([*stages, *heads], (2.0, 3.0, 5.0, 7.0, 11.0, 13.0), strict=True):
        nn.init.constant_(layer.weight, value)
    network = EarlyExitNet(stages, heads)
    logits = network(torch.ones(1, 1), (), ((0.5, 0.25), (0.1, 10.0)))
    assert logits.flatten().tolist() == [2 * 7, 2 * 3 * 11, 2 * 3 * 5 * 13]
    logits.sum().backward()
    second = 0.1 * 11 + 10 * (5 * 13)  # what comes back to the second stage's output
    expected = [0.5 * 7 + 0.25 * 3 * second, 2 * second, 2 * 3 * 13, 2, 2 * 3, 2 * 3 * 5]
    found = [layer.weight.grad.item() for layer in (*stages, *heads)]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("blocks", "exits", "expected"), [(4, 2, [2, 2]), (5, 2, [3, 2]), (5, 3, [2, 2, 1])]
)
def test_blocks_are_shared_out_among_stages(blocks, exits, expected):
    network = build_network(ImageCNN(widths=(4,) * blocks, exits=exits), (1, 32, 32), 10)
    assert [len(stage) for stage in network.stages] == expected


def test_blocks_without_channels_are_refused():
    with pytest.raises(InputError, match=r"backbone: widths.1: .*greater than or equal to 1"):
        build(ImageCNN, {"widths": (4, 0)}, "backbone")


@pytest.mark.parametrize("name", POOLED)
def test_heads_of_convolutions_pool_to_the_cells_asked_for(name):
    recipe = BACKBONES.get(name)(pool=2)
    shape = recipe.example_shape
    network = build_network(recipe, shape, 7).eval()
    (linear,) = network.heads[0].classify
    channels = network.stages[0](torch.randn(1, *shape)).shape[1]
    assert linear.in_features == channels * 2 ** (len(shape) - 1)


@pytest.mark.parametrize("name", [n for n in BACKBONES.names() if BACKBONES.get(n).tiny])
@pytest.mark.parametrize("exits", [1, 3])
def test_tiny_parameters_make_any_of_its_networks_cheaper(name, exits):
    plugin = BACKBONES.get(name)
    tiny = build(plugin, {"exits": exits, **plugin.tiny}, name)
    costs = [exit_costs(recipe, tiny.example_shape, 7) for recipe in (tiny, plugin(exits=exits))]
    assert costs[0].full < costs[1].full / 4


def test_nodes_have_no_cells_to_pool():
    with pytest.raises(InputError, match="backbone sas_gnn: pool: no such field"):
        build(BACKBONES.get("sas_gnn"), {"pool": 2}, "backbone sas_gnn")


def test_features_too_small_to_normalise_are_refused():
    with pytest.raises(InputError, match=r"backbone: inputs \[1, 8, 8\] are too small"):
        build_network(ImageCNN(widths=(4,) * 5), (1, 8, 8), 10)


@pytest.mark.parametrize(("space", "cells"), [((12,), (4,)), ((8, 6), (4, 3)), ((5, 7), (5, 7))])
def test_cells_that_divide_the_space_are_pooled_as_torch_does(space, cells):
    features = torch.randn(2, 3, *space)
    adaptive = {1: functional.adaptive_avg_pool1d, 2: functional.adaptive_avg_pool2d}[len(space)]
    found = average_pool(space, cells)(features)
    torch.testing.assert_close(found, adaptive(features, cells))


@pytest.mark.parametrize(("size", "cells"), [(7, 4), (25, 4), (50, 16), (5, 2), (9, 1)])
def test_windows_of_equal_size_reach_every_value(size, cells):
    features = torch.zeros(1, 1, size, requires_grad=True)
    pooled = average_pool((size,), (cells,))(features)
    assert pooled.shape == (1, 1, cells)
    weights = [torch.autograd.grad(p, features, retain_graph=True)[0] for p in pooled[0, 0]]
    widths = {int((w > 0).sum()) for w in weights}
    assert len(widths) == 1
    assert (sum(weights) > 0).all()
