"""Stages as programs, for every backbone and for every regime whose outputs are its own."""

import numpy as np
import pytest
import torch

from harness.core.errors import InputError
from harness.core.trial_spec import TrialSpec
from harness.core.types import DataShape
from harness.export.programs import write_programs
from harness.models.backbones import BACKBONES
from harness.models.early_exit import build_network
from harness.regimes import REGIMES, Regime
from harness.training.model import ExitModel, trained_model
from tests.records import choice

PLAIN = {"outputs": Regime.outputs, "gates": Regime.gates}
OF_THEIR_OWN = [
    name
    for name in REGIMES.names()
    if any(getattr(REGIMES.get(name), hook) is not plain for hook, plain in PLAIN.items())
]


def assert_programs_give_the_model_s_outputs(model, shape, folder):
    names = write_programs(model, shape, folder)["torch"]
    programs = [torch.export.load(folder / name).module() for name in names]
    for samples in (1, 4):
        inputs = torch.randn(samples, *shape)
        with torch.inference_mode():
            outputs, gates = model(inputs)
            state = (inputs,)
            for index, program in enumerate(programs, 1):
                features, heads, found, *beside = program(*state)
                state = (features, heads)
                torch.testing.assert_close(found, outputs[:index])
                assert bool(beside) == (gates is not None)
                for gate in beside:
                    torch.testing.assert_close(gate, gates[:index])


@pytest.mark.parametrize("name", BACKBONES.names())
def test_every_backbone_runs_stage_by_stage(name, tmp_path):
    recipe = BACKBONES.get(name)(exits=2)
    network = build_network(recipe, recipe.example_shape, 5)
    model = ExitModel(network, REGIMES.get("joint")(), 5).eval()
    assert_programs_give_the_model_s_outputs(model, recipe.example_shape, tmp_path)


@pytest.mark.parametrize("name", OF_THEIR_OWN)
def test_every_regime_predicts_stage_by_stage(name, tmp_path):
    recipe = BACKBONES.get("image_cnn")(widths=(4, 4, 4), exits=3)
    network = build_network(recipe, (1, 9, 9), 5)
    model = ExitModel(network, REGIMES.get(name)(), 5).eval()
    assert_programs_give_the_model_s_outputs(model, (1, 9, 9), tmp_path)


def test_programs_hold_no_path_of_this_machine(tmp_path):
    recipe = BACKBONES.get("image_cnn")(widths=(4,), exits=1)
    model = ExitModel(build_network(recipe, (1, 9, 9), 5), REGIMES.get("joint")(), 5).eval()
    (name,) = write_programs(model, (1, 9, 9), tmp_path)["torch"]
    assert str(tmp_path).encode() not in (tmp_path / name).read_bytes()
    assert b"programs.py" not in (tmp_path / name).read_bytes()


def test_the_network_is_that_of_its_trial(study):
    for regime in ("joint", "learned_gate"):
        result = study.result(study.key(regime))
        model = trained_model(study.folder, result.spec, study.split.shape)
        assert not any(parameter.requires_grad for parameter in model.parameters())
        with torch.inference_mode():
            outputs, _ = model(torch.from_numpy(study.split.validation.inputs))
        np.testing.assert_allclose(outputs.numpy(), result.validation.values, atol=1e-5)
    with pytest.raises(InputError, match="not the weights of this trial's network"):
        trained_model(study.folder, result.spec, DataShape((1, 8, 8), 9, "classification"))


def test_nodes_of_a_graph_are_not_run_sample_by_sample(tmp_path):
    spec = TrialSpec("any", "d", choice(BACKBONES, "sas_gnn"), choice(REGIMES, "joint"), {}, 0)
    with pytest.raises(InputError, match=r"sas_gnn predicts for the nodes of a graph.*exported"):
        trained_model(tmp_path, spec, DataShape((200,), 16, "classification"))
