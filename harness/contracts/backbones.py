"""What every backbone keeps, on inputs of its own example shape."""

from collections.abc import Iterator

import torch

from harness.contracts import Check, expect
from harness.core.errors import InputError
from harness.core.parameters import build
from harness.core.plugins import Registry
from harness.models.backbones import Backbone
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network

_WIDTH, _SAMPLES = 7, 6
_EXITS = (1, 2, 4)


def _recipes(registry: Registry[Backbone], name: str) -> Iterator[Backbone]:
    """A small network of the kind with few and with several exits, as its blocks allow."""
    plugin: type[Backbone] = registry.get(name)
    for exits in _EXITS:
        try:
            recipe = build(plugin, {**plugin.tiny, "exits": exits}, name)
            if len(recipe.blocks(recipe.example_shape)) < exits:
                return
        except InputError:
            return
        yield recipe


def gives_logits_at_rising_cost(registry: Registry[Backbone], name: str) -> None:
    """With few and with several exits it gives logits [E, N, K], each at more MACs."""
    recipes = tuple(_recipes(registry, name))
    expect(recipes, "it cannot be built with one exit for its example_shape")
    for recipe in (each for each in recipes if not each.reads_graph):
        network = build_network(recipe, recipe.example_shape, _WIDTH)
        logits = network(torch.randn(_SAMPLES, *recipe.example_shape))
        expected = [recipe.exits, _SAMPLES, _WIDTH]
        expect(list(logits.shape) == expected, f"logits {list(logits.shape)}, not {expected}")
        expect(logits.isfinite().all(), f"logits are not finite with {recipe}")
        costs = exit_costs(recipe, recipe.example_shape, _WIDTH).macs
        expect((costs[1:] > costs[:-1]).all(), f"MACs of the exits: {costs.tolist()} with {recipe}")


def treats_each_sample_alone(registry: Registry[Backbone], name: str) -> None:
    """In evaluation, the samples of a batch do not influence each other."""
    for recipe in (each for each in _recipes(registry, name) if not each.reads_graph):
        network = build_network(recipe, recipe.example_shape, _WIDTH).eval()
        inputs = torch.randn(_SAMPLES, *recipe.example_shape)
        alone, together = network(inputs[:2]), network(inputs)[:, :2]
        same = torch.allclose(alone, together, atol=1e-5, rtol=1e-4)
        expect(same, f"logits of a batch of 2 differ from those of 6 with {recipe}")


def its_weights_are_drawn_by_the_seed(registry: Registry[Backbone], name: str) -> None:
    """Two networks built after the same seed have the same weights."""
    for recipe in (each for each in _recipes(registry, name) if not each.reads_graph):
        built = []
        for _ in range(2):
            torch.manual_seed(0)
            built.append(build_network(recipe, recipe.example_shape, _WIDTH).state_dict())
        differ = [key for key in built[0] if not torch.equal(built[0][key], built[1][key])]
        expect(not differ, f"drawn from another generator than torch's: {differ[:3]}")


def refuses_other_inputs(registry: Registry[Backbone], name: str) -> None:
    """Inputs of a shape that it cannot read are refused with an InputError that says so."""
    shape = (3, 4, 5, 6)
    try:
        build_network(registry.get(name)(), shape, _WIDTH)
    except InputError:
        return
    expect(False, f"it took inputs of shape {list(shape)}; raise InputError in `blocks`")


CHECKS: tuple[Check, ...] = (
    gives_logits_at_rising_cost,
    treats_each_sample_alone,
    its_weights_are_drawn_by_the_seed,
    refuses_other_inputs,
)
