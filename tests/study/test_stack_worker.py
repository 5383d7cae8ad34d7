"""One task in this process: the trials of a stack, on real digits."""

import dataclasses

import numpy as np
import pytest
import torch

from harness.core.errors import TrialError
from harness.core.trial_spec import TrialSpec
from harness.data.load import ensure
from harness.models.backbones import BACKBONES
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.failures import has_failure, read_failure
from harness.results.sealed import read_test
from harness.study import stack_worker
from harness.study.companies import members
from harness.study.executors import TrialOutcome
from harness.study.stack_worker import run_task
from harness.study.worker import run_trial
from harness.training.curve import Curve, TrainingError
from tests.records import choice
from tests.study.test_worker import DIVERGING

OUTPUTS = ("weights.npz", "outputs.npz", "test.npz")


@pytest.fixture
def spec(project):
    digest = ensure(project, "digits", None, lambda *_: None).digest
    backbone = choice(BACKBONES, "image_cnn", widths=(4, 8), exits=2, pool=2)
    regime = choice(REGIMES, "soft_cgt")
    return TrialSpec("digits", digest, backbone, regime, {"epochs": 2}, 3, company=(3, 5, 8))


def test_a_stack_writes_what_its_trials_alone_come_to(project, spec):
    folder, task = project.results / "one", members(spec)
    assert run_task(task, project, folder) == tuple(TrialOutcome(each.key) for each in task)
    for stacked in task:
        alone = dataclasses.replace(stacked, company=())
        assert run_task((alone,), project, folder) == (TrialOutcome(alone.key),)
        assert trials.fault_of(folder, stacked.key) is None
        found, expected = (trials.read_trial(folder, each.key) for each in (stacked, alone))
        assert found.spec.company == (3, 5, 8)
        assert np.allclose(found.curve, expected.curve, rtol=1e-4)
        assert np.array_equal(found.costs.macs, expected.costs.macs)
        for own, other in (
            (found.validation, expected.validation),
            (found.calibration, expected.calibration),
            (read_test(folder, stacked.key), read_test(folder, alone.key)),
        ):
            assert np.allclose(own.values, other.values, atol=1e-3)


def test_what_is_wanted_of_a_stack_is_written_and_is_the_same_whoever_else_is(project, spec):
    first, middle, last = members(spec)
    whole, part = project.results / "whole", project.results / "part"
    run_task((first, middle, last), project, whole)
    assert run_task((middle,), project, part) == (TrialOutcome(middle.key),)
    assert trials.stored_keys(part) == (middle.key,)
    for file in OUTPUTS:
        paths = [trials.trial_folder(each, middle.key) / file for each in (whole, part)]
        assert len({path.read_bytes() for path in paths}) == 1, file


def test_a_network_that_fails_leaves_the_others(project, spec, monkeypatch):
    train_stack = stack_worker.train_stack

    def spoilt(*arguments):
        first, middle, last = train_stack(*arguments)
        return first, TrainingError("not finite", Curve(middle.epochs[:1])), last

    monkeypatch.setattr(stack_worker, "train_stack", spoilt)
    folder, task = project.results / "one", members(spec)
    outcomes = run_task(task, project, folder)
    assert [each.status for each in outcomes] == ["trained", "diverged", "trained"]
    failure = read_failure(folder, task[1].key)
    assert (failure.facts.spec, failure.facts.reason) == (task[1], "not finite")
    assert len(failure.curve) == 1
    assert [trials.has_result(folder, each.key) for each in task] == [True, False, True]


def test_networks_that_all_diverge_are_failures(project, spec):
    folder, task = project.results / "one", members(dataclasses.replace(spec, training=DIVERGING))
    outcomes = run_task(task, project, folder)
    assert {each.status for each in outcomes} == {"diverged"}
    alone = run_trial(dataclasses.replace(task[0], company=()), project, folder)
    assert alone.reason == outcomes[0].reason


def test_what_fails_before_members_differ_fails_for_each(project, spec, monkeypatch):
    def refuse(*_):
        raise TrialError("no such network")

    monkeypatch.setattr(stack_worker, "train_stack", refuse)
    folder, task = project.results / "one", members(spec)[:2]
    outcomes = run_task(task, project, folder)
    assert [each.reason for each in outcomes] == ["no such network"] * 2
    assert [has_failure(folder, each.key) for each in members(spec)] == [True, True, False]


def test_a_stack_that_is_too_large_is_said_in_words(project, spec, monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(stack_worker, "train_stack", full)
    outcomes = run_task(members(spec), project, project.results / "one")
    assert {(each.status, each.tries) for each in outcomes} == {("error", 2)}
    assert "3 networks train as one stack; a smaller `stack`" in outcomes[0].reason
