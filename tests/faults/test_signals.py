"""Signals: a launch that is asked to stop, and one that stands still for long."""

import os
import signal
import time

import pytest

from harness.study.interrupt import SAME_PRESS
from tests.faults.disturbed import PATIENCE, counted, kill, times, wait_for

pytestmark = pytest.mark.job
REPEATS = times(few=1, many=3)
STILL = times(few=3, many=60)
"""Seconds that a process is stopped."""


def as_shells_show(code):
    """Exit code of a process; where a signal ended it, as at the end of Python itself, 128 more."""
    return 128 - code if code < 0 else code


@pytest.mark.parametrize("again", range(REPEATS))
def test_a_stop_keeps_what_is_done(disturbed, undisturbed, again):
    """Each signal stops the launch that goes on after the one before."""
    del again
    study = disturbed()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        before = len(study.stored())
        process = study.launch()
        wait_for(lambda least=before + 1: len(study.stored()) >= least, "a trial")
        kept = study.stored()
        code, said = kill(process, number)
        assert as_shells_show(code) == 128 + number, said
        assert study.state() == "interrupted"
        assert kept <= study.stored()
        study.all_gone()
    study.to_the_end()
    study.assert_equals(undisturbed)
    counted("SIGTERM, SIGHUP, SIGINT", {"times each": 1})


def test_a_second_one_ends_it_at_once(disturbed, undisturbed):
    study = disturbed()
    for _ in range(REPEATS):
        before = len(study.stored())
        process = study.launch()
        wait_for(lambda least=before + 1: len(study.stored()) >= least, "a trial")
        process.send_signal(signal.SIGINT)
        time.sleep(1.1 * SAME_PRESS)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)
        assert as_shells_show(process.returncode) == 128 + signal.SIGINT, said
        assert "Traceback" not in said
        assert study.state() == "interrupted"
        study.all_gone()
    study.to_the_end()
    study.assert_equals(undisturbed)
    counted("SIGINT twice", {"times": REPEATS})


@pytest.mark.parametrize("target", ["launcher", "worker"])
def test_a_process_that_stands_still_is_waited_for(disturbed, undisturbed, target):
    study = disturbed()
    process = study.launch()
    wait_for(study.workers, "workers")
    wait_for(study.stored, "trials")
    for _ in range(REPEATS):
        found = [process.pid] if target == "launcher" else study.workers()[:1]
        if process.poll() is None and found:
            os.kill(found[0], signal.SIGSTOP)
            time.sleep(STILL)
            os.kill(found[0], signal.SIGCONT)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    study.assert_equals(undisturbed)
    counted(f"SIGSTOP of a {target}", {"times": REPEATS, "seconds": STILL})
