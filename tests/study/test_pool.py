"""Workers that work, fail and die."""

import os
import signal
import time
from pathlib import Path

import pytest

from harness.core.trial_spec import Choice, TrialSpec
from harness.study import pool as pool_module
from harness.study.pool import MOST_DEATHS, Pool, TrialOutcome


def start_at_once():
    """In place of the import of torch, which takes seconds each time that a worker starts."""


@pytest.fixture(autouse=True)
def light_workers(monkeypatch):
    monkeypatch.setattr(pool_module, "_prepare_worker", start_at_once)


def spec(seed):
    return TrialSpec("s", "d", Choice("b", {}, ""), Choice("r", {}, ""), {}, seed)


def sleepy(trial):
    time.sleep(0.05 * (3 - trial.seed))
    return TrialOutcome(trial.key)


class DiesOnce:
    def __init__(self, mark):
        self.mark = mark

    def __call__(self, trial):
        if trial.seed == 1 and not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return TrialOutcome(trial.key)


def always_dies(trial):
    if trial.seed == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
    return TrialOutcome(trial.key)


def drain(pool):
    done = []
    while len(pool):
        done += pool.collect(timeout=5)
    return {d.key: d.reason for d in done}


def test_all_trials_come_back_in_any_order():
    pool = Pool(2, sleepy)
    for seed in range(4):
        pool.submit(spec(seed))
    assert len(pool) == 4
    assert drain(pool) == {spec(seed).key: None for seed in range(4)}


def test_a_killed_worker_costs_no_trial(tmp_path):
    pool = Pool(2, DiesOnce(str(tmp_path / "mark")))
    for seed in range(8):
        pool.submit(spec(seed))
    assert drain(pool) == {spec(seed).key: None for seed in range(8)}


def test_a_trial_that_always_kills_its_worker_is_given_up():
    pool = Pool(1, always_dies)
    for seed in range(12):
        pool.submit(spec(seed))
    found = drain(pool)
    assert f"died {MOST_DEATHS} times" in found[spec(1).key]
    assert sum(reason is None for reason in found.values()) >= 10


def test_queued_trials_can_be_dropped():
    pool = Pool(1, sleepy)
    for seed in range(10):
        pool.submit(spec(seed % 3))
    pool.drop_queued()
    assert len(pool) == 2
    drain(pool)
