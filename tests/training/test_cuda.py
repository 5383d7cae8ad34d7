"""The whole of a trial on CUDA; skipped where there is none."""

import dataclasses

import numpy as np
import pytest
import torch

from harness.core.trial_spec import TrialSpec
from harness.data.load import ensure
from harness.models.backbones import BACKBONES
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.sealed import read_test
from harness.study.slots import Slot
from harness.study.worker import run_trial
from harness.training.step import Step
from tests.records import choice

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
CUDA = Slot("cuda:0")


@pytest.fixture
def spec(project):
    digest = ensure(project, "digits", None, lambda *_: None).digest
    backbone = choice(BACKBONES, "image_cnn", widths=(4, 8), exits=2, pool=3)
    regime = choice(REGIMES, "soft_cgt")
    return TrialSpec("digits", digest, backbone, regime, {"epochs": 2}, seed=3, device="cuda")


@pytest.mark.parametrize("regime", REGIMES.names())
@pytest.mark.parametrize("augmentation", ["none", "flip_crop"])
def test_a_trial_is_a_function_of_its_spec(project, spec, regime, augmentation):
    exits = REGIMES.get(regime)().static_exits(2)
    training = {"epochs": 2, "augmentation": augmentation}
    asked = dataclasses.replace(
        spec, regime=choice(REGIMES, regime), static_exit=exits[-1], training=training
    )
    for name in ("first", "second"):
        assert run_trial(asked, project, project.results / name, CUDA).reason is None
    first, second = (
        [read_test(project.results / name, asked.key).values] for name in ("first", "second")
    )
    assert np.array_equal(first[0], second[0])


@pytest.mark.parametrize("regime", REGIMES.names())
def test_no_step_waits_for_the_device(project, spec, regime, monkeypatch):
    """Torch raises at each operation for whose result the host would wait."""
    taken, take = [], Step.take

    def watched(self, *given):
        torch.cuda.set_sync_debug_mode("error")
        try:
            taken.append(take(self, *given))
        finally:
            torch.cuda.set_sync_debug_mode("default")
        return taken[-1]

    monkeypatch.setattr(Step, "take", watched)
    exits = REGIMES.get(regime)().static_exits(2)
    asked = dataclasses.replace(spec, regime=choice(REGIMES, regime), static_exit=exits[-1])
    assert run_trial(asked, project, project.results / "one", CUDA).reason is None
    assert taken


def test_it_is_near_the_cpu_s_and_says_where_it_ran(project, spec):
    folder = project.results / "one"
    on_cpu = dataclasses.replace(spec, device="cpu")
    assert run_trial(spec, project, folder, CUDA).reason is None
    assert run_trial(on_cpu, project, folder).reason is None
    found, expected = (trials.read_trial(folder, each.key) for each in (spec, on_cpu))
    assert found.versions["device"] == torch.cuda.get_device_name(0)
    np.testing.assert_allclose(found.validation.values, expected.validation.values, atol=0.05)


def test_out_of_memory_is_an_error_that_says_what_would_help(project, spec):
    torch.cuda.set_per_process_memory_fraction(1e-6)
    torch.cuda.empty_cache()
    try:
        done = run_trial(spec, project, project.results / "one", CUDA)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert (done.status, done.tries) == ("error", 2)
    assert "out of memory on cuda:0; fewer workers on it (--per-device 1)" in done.reason
