"""Trials that take their worker with them: only they are lost."""

import os
import signal

import pytest

from harness.study import run as running
from harness.study.worker import run_trial
from tests.faults.disturbed import counted
from tests.one_by_one import OneByOne
from tests.study.test_launcher import run

pytestmark = pytest.mark.job
DOOMED = "hard_cgt"


def die(spec, **where):
    """Ends its worker as the system does that has no memory left."""
    if spec.regime.name == DOOMED:
        os.kill(os.getpid(), signal.SIGKILL)
    return run_trial(spec, **where)


def leak(spec, **where):
    """Takes memory until there is no more."""
    if spec.regime.name == DOOMED:
        import resource

        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, before[1]))
        taken = []
        try:
            while True:
                taken.append(bytearray(1 << 26))
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)  # the worker may be used again
    return run_trial(spec, **where)


def fail(spec, **where):
    """Fails by a fault of the code."""
    if spec.regime.name == DOOMED:
        raise ZeroDivisionError("always alike")
    return run_trial(spec, **where)


@pytest.mark.parametrize("work", [die, leak, fail])
def test_only_the_trials_at_fault_are_lost(disturbed, undisturbed, monkeypatch, work):
    study = disturbed()
    with monkeypatch.context() as patch:
        patch.setattr(running, "run_task", OneByOne(work))
        outcome = run(study.file, workers=2)
    assert outcome.record.state == "failed"
    assert all(DOOMED in error for error in outcome.errors), outcome.errors
    assert outcome.errors
    lost = {c.regime for c in outcome.record.configurations}
    assert DOOMED not in lost
    study.to_the_end()
    study.assert_equals(undisturbed)
    counted(f"a trial that does {work.__name__}", {"errors": len(outcome.errors)})
