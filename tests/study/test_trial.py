"""One trial in this process, on real digits."""

import dataclasses
import re

import numpy as np
import pytest
import torch

from harness.core.parameters import build
from harness.core.trial_spec import Choice, TrialSpec
from harness.data.load import ensure, load
from harness.models import BACKBONES
from harness.models.early_exit import build_network
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.sealed import read_test
from harness.study.trial import run
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel

# With this decay every step multiplies the weights by -8: they overflow.
DIVERGING = {
    "epochs": 8,
    "optimizer": "sgd",
    "schedule": "cosine",
    "learning_rate": 9.0,
    "weight_decay": 1.0,
}


@pytest.fixture
def spec(project):
    digest = ensure(project, "digits", None, lambda *_: None).digest
    backbone = Choice("image_cnn", {"widths": (4, 8), "exits": 2, "pool": 2})
    return TrialSpec("digits", digest, backbone, Choice("soft_cgt", {}), {"epochs": 2}, seed=3)


@pytest.mark.parametrize("regime", ["soft_cgt", "boosted", "learned_gate"])
def test_the_stored_weights_give_the_stored_logits(project, spec, regime):
    spec = dataclasses.replace(spec, regime=Choice(regime, {}))
    folder = project.results / "one"
    assert run(spec, project, folder).reason is None
    split = load(project, "digits")
    recipe = build(BACKBONES.get("image_cnn"), spec.backbone.parameters, "here")
    network = build_network(recipe, split.train.inputs.shape[1:], 10)
    model = ExitModel(network, REGIMES.get(regime)(), 10)
    weights = trials.read_weights(folder, spec.key)
    model.load_state_dict(
        {
            name if name.startswith("companion.") else f"network.{name}": torch.from_numpy(value)
            for name, value in weights.items()
        }
    )
    for part, stored in (
        (split.validation, trials.read(folder, spec.key).validation),
        (split.test, read_test(folder, spec.key)),
    ):
        found = exit_logits(model, part)
        assert np.array_equal(found.values, stored.values)
        assert np.array_equal(part.labels, stored.labels)
        assert (stored.gates is None) == (regime != "learned_gate")
        assert found.gates is None or np.array_equal(found.gates, stored.gates)


@pytest.mark.parametrize("regime", REGIMES.names())
def test_a_trial_is_a_function_of_its_spec(project, spec, regime):
    exits = REGIMES.get(regime)().static_exits(2)
    spec = dataclasses.replace(spec, regime=Choice(regime, {}), static_exit=exits[-1])
    for name in ("first", "second"):
        assert run(spec, project, project.results / name).reason is None
    folders = [trials.trial_folder(project.results / n, spec.key) for n in ("first", "second")]
    for file in ("spec.json", "curve.csv", "weights.npz", "validation.npz", "test.npz"):
        assert len({(folder / file).read_bytes() for folder in folders}) == 1, file


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"digest": "0" * 32}, "InputError: split digits: prepared data"),
        ({"split": "no_such"}, "DataError: .*no such split"),
        ({"regime": Choice("no_such", {})}, "InputError: unknown name 'no_such' in regimes"),
        ({"training": DIVERGING}, "the (validation )?loss is not finite"),
    ],
)
def test_a_trial_that_fails_says_why_and_leaves_nothing(project, spec, change, reason):
    wrong = dataclasses.replace(spec, **change)
    done = run(wrong, project, project.results / "one")
    assert done.key == wrong.key
    assert re.search(reason, done.reason)
    assert trials.stored_keys(project.results / "one") == ()
