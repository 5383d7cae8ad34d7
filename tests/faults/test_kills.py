"""kill -9 of launcher, process group and workers at random moments."""

import os
import random
import signal
import time

import pytest

from tests.faults.disturbed import PATIENCE, counted, times

pytestmark = pytest.mark.job
KILLS = times(few=4, many=51)


def test_kills_at_random_moments_change_nothing(disturbed, undisturbed):
    generator = random.Random(0)  # noqa: S311
    targets = ["launcher", "group", "worker"] * (KILLS // 3 + 1)
    rounds, left = 0, KILLS
    injected = dict.fromkeys(("launcher", "group", "worker"), 0)
    while left:
        rounds += 1
        study = disturbed(f"round {rounds}")
        while left and kill_once(study, targets[left], generator, undisturbed.seconds):
            injected[targets[left]] += 1
            left -= 1
        study.to_the_end()
        study.assert_equals(undisturbed)
    counted("kill -9", injected)


def kill_once(study, target, generator, seconds):
    """Launch, and kill at a random moment; False where the study was done before."""
    process = study.launch()
    ends = time.monotonic() + generator.uniform(0, seconds)
    while time.monotonic() < ends and process.poll() is None:
        time.sleep(0.01)
    if process.poll() is not None:
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return False
    if target == "group":
        os.killpg(process.pid, signal.SIGKILL)
    elif target == "launcher":
        process.kill()
    else:
        return kill_worker(study, process, generator)
    process.communicate(timeout=PATIENCE)
    study.all_gone()  # workers end with their launcher
    return True


def kill_worker(study, process, generator):
    """Kill a worker; its launcher goes on to the end. False where there was none."""
    found = study.workers()
    if found:
        os.kill(generator.choice(found), signal.SIGKILL)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return bool(found)
