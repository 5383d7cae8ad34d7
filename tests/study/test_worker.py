"""One trial in this process, on real digits."""

import dataclasses
import re

import numpy as np
import pytest
import torch

from harness.core.errors import InputError
from harness.core.result_format import RESULT_FORMAT
from harness.core.trial_spec import Choice, TrialSpec
from harness.data.load import ensure, load
from harness.models.backbones import BACKBONES
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.failures import read_failure
from harness.results.sealed import read_test
from harness.study import worker
from harness.study.worker import run_trial
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import backbone_of, trained_model
from tests.data.test_load import change
from tests.records import choice

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
    backbone = choice(BACKBONES, "image_cnn", widths=(4, 8), exits=2, pool=2)
    return TrialSpec("digits", digest, backbone, choice(REGIMES, "soft_cgt"), {"epochs": 2}, seed=3)


@pytest.mark.parametrize("regime", ["soft_cgt", "boosted", "learned_gate"])
def test_the_stored_weights_give_the_stored_logits(project, spec, regime):
    spec = dataclasses.replace(spec, regime=choice(REGIMES, regime))
    folder = project.results / "one"
    assert run_trial(spec, project, folder).reason is None
    split = load(project, "digits")
    model = trained_model(folder, spec, split.shape)
    result = trials.read_trial(folder, spec.key)
    assert result.fitting is result.calibration
    for part, stored in (
        (split.validation, result.validation),
        (split.calibration, result.calibration),
        (split.test, read_test(folder, spec.key)),
    ):
        found = exit_logits(model, DevicePart.of(part))
        assert np.array_equal(found.values, stored.values)
        assert np.array_equal(part.labels, stored.labels)
        assert (stored.gates is None) == (regime != "learned_gate")
        assert found.gates is None or np.array_equal(found.gates, stored.gates)


@pytest.mark.parametrize("regime", REGIMES.names())
def test_a_trial_is_a_function_of_its_spec(project, spec, regime):
    exits = REGIMES.get(regime)().static_exits(2)
    spec = dataclasses.replace(spec, regime=choice(REGIMES, regime), static_exit=exits[-1])
    for name in ("first", "second"):
        assert run_trial(spec, project, project.results / name).reason is None
    folders = [trials.trial_folder(project.results / n, spec.key) for n in ("first", "second")]
    for file in ("weights.npz", "outputs.npz", "test.npz"):
        assert len({(folder / file).read_bytes() for folder in folders}) == 1, file


def test_a_calibration_part_changes_no_network_(project, spec):
    folder = project.results / "one"
    assert run_trial(spec, project, folder).reason is None
    held = project.splits.read_text()
    project.splits.write_text(held.replace("calibration: 0.1\n", "calibration: 0\n", 1))
    digest = ensure(project, "digits", None, lambda *_: None).digest
    without = dataclasses.replace(spec, digest=digest)
    assert run_trial(without, project, folder).reason is None
    weights = [trials.read_weights(folder, key) for key in (spec.key, without.key)]
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
    result = trials.read_trial(folder, without.key)
    assert result.calibration is None
    assert result.fitting is result.validation


OF_VALUES = [name for name in REGIMES.names() if "regression" in REGIMES.get(name).tasks]


@pytest.mark.parametrize("regime", OF_VALUES)
def test_a_regression_trial_is_a_function_of_its_spec(project, regime):
    digest = ensure(project, "diabetes", None, lambda *_: None).digest
    backbone = choice(BACKBONES, "spectral_cnn", widths=(4, 8), exits=2)
    last = REGIMES.get(regime)().static_exits(2)[-1]
    chosen, training = choice(REGIMES, regime), {"epochs": 2}
    spec = TrialSpec("diabetes", digest, backbone, chosen, training, 3, last)
    for name in ("first", "second"):
        assert run_trial(spec, project, project.results / name).reason is None
    folders = [trials.trial_folder(project.results / n, spec.key) for n in ("first", "second")]
    for file in ("weights.npz", "outputs.npz", "test.npz"):
        assert len({(folder / file).read_bytes() for folder in folders}) == 1, file
    result = trials.read_trial(project.results / "first", spec.key)
    split = load(project, "diabetes")
    assert result.validation.task == "regression"
    assert np.array_equal(result.validation.labels, split.validation.labels)
    assert result.validation.values.shape[1:] == (110, 2)
    errors = np.square(result.validation.labels - result.validation.means)
    logged = result.curve.iloc[-1].filter(like="accuracy").to_numpy()
    assert logged == pytest.approx(1 - errors.mean((1, 2)), abs=1e-4)


def test_a_trial_that_diverges_keeps_its_reason_its_curve_and_where_it_ran(project, spec):
    changed = dataclasses.replace(spec, training=DIVERGING)
    folder = project.results / "one"
    done = run_trial(changed, project, folder)
    assert (done.key, done.status) == (changed.key, "diverged")
    assert re.match("the (validation )?loss is not finite", done.reason)
    assert trials.stored_keys(folder) == ()
    failure = read_failure(folder, changed.key)
    assert (failure.facts.spec, failure.facts.reason) == (changed, done.reason)
    assert failure.facts.versions.keys() == {"torch", "numpy", "harness", "device"}
    assert len(failure.curve) == int(re.search(r"in epoch (\d+)", done.reason)[1])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"digest": "0" * 32}, "split digits: prepared data"),
        ({"split": "no_such"}, "no such split"),
        ({"regime": Choice("no_such", {}, "")}, "unknown name 'no_such' in regimes"),
        (
            {"regime": Choice("soft_cgt", {}, "of other code")},
            r"regime soft_cgt: its code \(digest .*\) is not that of this trial \(of other code\)",
        ),
        ({"format": 2}, f"format: asked 2, this worker's version trains {RESULT_FORMAT}"),
    ],
)
def test_what_is_no_fault_of_the_trial_is_raised_and_leaves_nothing(project, spec, change, reason):
    folder = project.results / "one"
    with pytest.raises(InputError, match=reason):
        run_trial(dataclasses.replace(spec, **change), project, folder)
    assert not folder.exists()


def test_a_split_prepared_anew_is_read_anew(project, spec):
    """A worker outlives a split: what it holds of another digest is not used."""

    def prepared(seed):
        change(project, "digits", seed=seed)
        return ensure(project, "digits", None, lambda *_: None).digest

    def train(digest):
        asked = dataclasses.replace(spec, digest=digest)
        return run_trial(asked, project, project.results / "one")

    old, new = spec.digest, prepared(1)
    with pytest.raises(InputError, match="prepared data"):
        train(old)  # read before it is prepared again
    assert train(new).reason is None
    assert prepared(0) == old
    assert train(old).reason is None
    with pytest.raises(InputError, match="prepared data"):
        train(new)


def test_a_spec_for_another_kind_of_device_is_refused(project, spec):
    asked = dataclasses.replace(spec, device="cuda")
    with pytest.raises(InputError, match="device: asked cuda, this worker trains on cpu"):
        run_trial(asked, project, project.results / "one")


def test_what_a_device_s_memory_does_not_hold_is_an_error_that_is_tried_twice(
    project, spec, monkeypatch
):
    def train(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    monkeypatch.setattr("harness.study.worker.train", train)
    done = run_trial(spec, project, project.results / "one")
    assert (done.status, done.tries) == ("error", 2)
    assert "out of memory on cpu; fewer workers on it (--per-device 1), a smaller" in done.reason
    assert not trials.trial_folder(project.results / "one", spec.key).exists()


def test_parts_lie_on_the_device_once_for_all_trials_of_a_split(project, spec, monkeypatch):
    copied = []
    of = DevicePart.of

    def counted(*arguments):
        copied.append(arguments)
        return of(*arguments)

    monkeypatch.setattr(DevicePart, "of", counted)
    worker.load_parts.cache_clear()
    for seed in (1, 2):
        run_trial(dataclasses.replace(spec, seed=seed), project, project.results / "one")
    assert len(copied) == 4


def test_costs_are_measured_once_for_each_structure(spec, monkeypatch):
    asked, measure = [], worker.exit_costs
    monkeypatch.setattr(worker, "_COSTS", {})
    monkeypatch.setattr(worker, "exit_costs", lambda *given: asked.append(given) or measure(*given))
    static = dataclasses.replace(spec, regime=choice(REGIMES, "single_exit"), static_exit=1)
    wider = choice(BACKBONES, "image_cnn", widths=(4, 9), exits=2, pool=2)
    larger = dataclasses.replace(spec, backbone=wider)
    found = [worker.costs_of(each, (1, 8, 8), 10) for each in (spec, static, larger, static, spec)]
    assert len(asked) == 3
    assert found[0] is found[4]
    expected = [measure(backbone_of(s), (1, 8, 8), 10, s.static_exit) for s in (static, larger)]
    for costs, other in zip(found[1:3], expected, strict=True):
        assert np.array_equal(costs.macs, other.macs)
