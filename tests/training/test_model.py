import numpy as np
import pytest
import torch

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network
from harness.regimes import REGIMES
from harness.regimes.boosted import Boosted
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.training.model import ExitModel

RECIPE, SHAPE = ImageCNN(widths=(4, 4, 4), pool=1), (1, 8, 8)
# A gate of 16 hidden units over three features: 3 * 16 + 16 products, 17 biases.
MACS, PARAMETERS = 64, 81


def model_of(regime, static_exit=0):
    torch.manual_seed(0)
    return ExitModel(build_network(RECIPE, SHAPE, 5, static_exit), regime, 5)


def test_outputs_of_a_plain_network_are_those_of_its_heads():
    model = model_of(Joint())
    inputs = torch.randn(6, *SHAPE)
    logits, gates = model(inputs)
    assert torch.equal(logits, model.network(inputs))
    assert gates is None


def test_outputs_of_an_ensemble_are_its_sums():
    model = model_of(Boosted(temperature=1.0))
    inputs = torch.randn(6, *SHAPE)
    torch.testing.assert_close(model(inputs)[0], model.network(inputs).cumsum(0))


def test_gate_heads_give_probabilities():
    model = model_of(LearnedGate())
    logits, gates = model(torch.randn(6, *SHAPE))
    assert torch.equal(gates, LearnedGate().gates(logits, model.auxiliary))
    assert gates.shape == (3, 6)


def test_costs_with_gates_by_hand():
    plain = exit_costs(RECIPE, SHAPE, 5)
    gated = model_of(LearnedGate(hidden=16)).with_gates(plain)
    passed = np.array([1, 2, 2])  # the last exit asks no gate
    assert np.array_equal(gated.macs - plain.macs, passed * MACS)
    assert np.array_equal(gated.parameters - plain.parameters, passed * PARAMETERS)
    assert gated.full == plain.full


def test_one_exit_passes_no_gate():
    plain = exit_costs(RECIPE, SHAPE, 5, static_exit=2)
    gated = model_of(LearnedGate(), static_exit=2).with_gates(plain)
    assert gated.macs == plain.macs
    assert gated.parameters == plain.parameters


@pytest.mark.parametrize("name", [n for n in REGIMES.names() if n != "learned_gate"])
def test_what_inference_does_not_need_costs_nothing(name):
    plain = exit_costs(RECIPE, SHAPE, 5)
    assert model_of(REGIMES.get(name)()).with_gates(plain) is plain


def test_weights_are_the_networks_by_name_and_the_auxiliary_modules_beside():
    model = model_of(LearnedGate())
    weights = model.weights()
    network, beside = model.network.state_dict(), model.auxiliary.state_dict()
    assert set(weights) == {*network, *(f"auxiliary.{name}" for name in beside)}
    assert np.array_equal(weights["auxiliary.0.bias"], beside["0.bias"].numpy())
    assert np.array_equal(weights["heads.0.classify.0.bias"], network["heads.0.classify.0.bias"])
    assert set(model_of(Joint()).weights()) == set(network)
