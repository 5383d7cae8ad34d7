"""A stack on CUDA; skipped where there is none."""

import dataclasses

import numpy as np
import pytest
import torch

from harness.core.trial_spec import TrialSpec
from harness.data.load import ensure, load
from harness.models.backbones import BACKBONES
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.sealed import read_test
from harness.study.companies import members
from harness.study.slots import Slot
from harness.study.stack_worker import run_task
from harness.study.worker import run_trial
from harness.training import stacked_graphs
from harness.training.model import backbone_of, regime_of
from harness.training.options import TrainingOptions
from harness.training.stackable import why_not
from harness.training.stacked_step import StackedStep
from tests.records import choice

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
CUDA = Slot("cuda:0")


@pytest.fixture(params=REGIMES.names())
def stack(request, project):
    """The trials of a stack of each regime that has one."""
    digest = ensure(project, "digits", None, lambda *_: None).digest
    backbone = choice(BACKBONES, "image_cnn", widths=(4, 8), exits=2, pool=3)
    regime = choice(REGIMES, request.param)
    static_exit = REGIMES.get(request.param)().static_exits(2)[-1]
    spec = TrialSpec(
        "digits", digest, backbone, regime, {"epochs": 2}, 3, static_exit, "cuda",
        company=(3, 4, 5, 6),
    )  # fmt: skip
    shape = load(project, "digits").shape
    if why_not(backbone_of(spec), regime_of(spec), TrainingOptions(), shape, static_exit):
        pytest.skip("trains one by one")
    return members(spec)


@pytest.fixture(params=[False, True], ids=["as they come", "graphs"])
def graphs(request, monkeypatch):
    """Whether steps are recorded; how often such a one was replayed."""
    replays, replayed = [], stacked_graphs._Recorded.replayed
    kinds = frozenset({"cuda"} if request.param else ())
    monkeypatch.setattr(stacked_graphs, "GRAPHS_ON", kinds)
    monkeypatch.setattr(
        stacked_graphs._Recorded,
        "replayed",
        lambda *given: replays.append(1) or replayed(*given),
    )
    yield request.param
    assert bool(replays) == request.param


@pytest.mark.usefixtures("graphs")
def test_a_stack_is_a_function_of_its_specs(project, stack):
    for name in ("first", "second"):
        assert {each.status for each in run_task(stack, project, project.results / name, CUDA)} == {
            "trained"
        }
    for spec in stack:
        first, second = (read_test(project.results / n, spec.key) for n in ("first", "second"))
        assert np.array_equal(first.values, second.values)


@pytest.mark.usefixtures("graphs")
def test_it_is_near_one_by_one(project, stack):
    folder = project.results / "one"
    run_task(stack, project, folder, CUDA)
    for spec in stack:
        alone = dataclasses.replace(spec, company=())
        assert run_trial(alone, project, folder, CUDA).reason is None
        found, expected = (trials.read_trial(folder, each.key) for each in (spec, alone))
        losses = [each.curve[["train_loss", "validation_loss"]] for each in (found, expected)]
        np.testing.assert_allclose(*losses, rtol=1e-3)


def test_a_recorded_step_gives_what_one_that_is_not_gives(project, stack, monkeypatch):
    for name, kinds in (("graphs", {"cuda"}), ("none", set())):
        monkeypatch.setattr(stacked_graphs, "GRAPHS_ON", frozenset(kinds))
        run_task(stack, project, project.results / name, CUDA)
    for spec in stack:
        first, second = (read_test(project.results / n, spec.key) for n in ("graphs", "none"))
        np.testing.assert_allclose(first.values, second.values, atol=1e-3)


def test_no_step_waits_for_the_device(project, stack, monkeypatch):
    """Torch raises at each operation for whose result the host would wait, but in the first."""
    monkeypatch.setattr(stacked_graphs, "GRAPHS_ON", frozenset())
    taken, take = [], StackedStep.take

    def watched(self, *given):
        ready = self.is_ready
        torch.cuda.set_sync_debug_mode("error" if ready else "default")
        try:
            taken.append(ready)
            return take(self, *given)
        finally:
            torch.cuda.set_sync_debug_mode("default")

    monkeypatch.setattr(StackedStep, "take", watched)
    outcomes = run_task(stack, project, project.results / "one", CUDA)
    assert {each.status for each in outcomes} == {"trained"}
    assert any(taken)


def test_a_stack_that_is_too_large_is_said_in_words(project, stack):
    torch.cuda.set_per_process_memory_fraction(1e-6)
    torch.cuda.empty_cache()
    try:
        outcomes = run_task(stack, project, project.results / "one", CUDA)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert {(each.status, each.tries) for each in outcomes} == {("error", 2)}
    assert "4 networks train as one stack; a smaller `stack`" in outcomes[0].reason
