"""Workers that work, fail and die."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict, deque
from pathlib import Path

import pytest
from joblib.externals.loky.process_executor import _ExecutorManagerThread

from harness.core.trial_spec import Choice, TrialSpec
from harness.study.executors import MOST_TRIES, TrialOutcome, loky
from harness.study.executors.loky import Loky
from harness.study.pool import Pool
from harness.study.slots import CPU, Slot
from tests.one_by_one import OneByOne


def spec(seed):
    return TrialSpec("s", "d", Choice("b", {}, ""), Choice("r", {}, ""), {}, seed)


def sleepy(trial, **_):
    time.sleep(0.05 * (3 - trial.seed))
    return TrialOutcome(trial.key)


class Spoiled:
    """Work that goes wrong for trial 1, the first `times` times; notes who ran beside it."""

    def __init__(self, folder, times, fault):
        self.folder, self.times, self.fault = folder, times, fault

    def __call__(self, trial, **_):
        running = self.folder / f"running-{trial.seed}"
        running.touch()
        time.sleep(0.1)
        if trial.seed == 1:
            tried = len(list(self.folder.glob("tried-*")))
            beside = len(list(self.folder.glob("running-*"))) - 1
            (self.folder / f"tried-{tried}").write_text(str(beside))
            if tried < self.times:
                running.unlink()
                self.fault()
        running.unlink()
        return TrialOutcome(trial.key)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def disk_full():
    raise OSError(28, "No space left on device")


def leave():
    raise SystemExit(5)


@pytest.fixture
def pools():
    made = []

    def make(workers, work):
        made.append(Pool(Loky([CPU] * workers, OneByOne(work))))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def drain(pool):
    done = []
    while len(pool):
        done += pool.collect(timeout=5)
    assert len({d.key for d in done}) == len(done)
    return {d.key: d for d in done}


def test_all_trials_come_back_in_any_order(pools):
    pool = pools(2, sleepy)
    for seed in range(4):
        pool.submit(spec(seed))
    assert len(pool) == 4
    assert drain(pool) == {spec(seed).key: TrialOutcome(spec(seed).key) for seed in range(4)}


@pytest.mark.parametrize("fault", [die, disk_full, leave])
def test_a_trial_that_goes_wrong_once_is_tried_again(pools, tmp_path, fault):
    pool = pools(2, Spoiled(tmp_path, 1, fault))
    for seed in range(6):
        pool.submit(spec(seed))
    assert {done.status for done in drain(pool).values()} == {"trained"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (die, "its worker process died"),
        (disk_full, r"OSError: \[Errno 28\] No space left on device"),
        (leave, "SystemExit: 5"),
    ],
)
def test_one_that_always_does_is_given_up_and_takes_nothing_with_it(pools, tmp_path, fault, reason):
    pool = pools(2, Spoiled(tmp_path, 99, fault))
    for seed in range(6):
        pool.submit(spec(seed))
    found = drain(pool)
    bad = found.pop(spec(1).key)
    assert bad.status == "error"
    assert re.match(reason, bad.reason)
    assert {done.status for done in found.values()} == {"trained"}
    # Again and alone: what runs beside it may be at fault.
    tries = [path.read_text() for path in sorted(tmp_path.glob("tried-*"))]
    assert len(tries) == MOST_TRIES
    assert set(tries[1:]) == {"0"}


class Together:
    """Work on a task, of which the trials of some seeds go wrong the first time."""

    def __init__(self, folder, seeds):
        self.folder, self.seeds = folder, seeds

    def __call__(self, task, **_):
        mark = self.folder / str(len(list(self.folder.iterdir())))
        mark.write_text(" ".join(str(trial.seed) for trial in task))
        bad = self.seeds if mark.name == "0" else ()
        return tuple(
            TrialOutcome(trial.key, "error" if trial.seed in bad else "trained") for trial in task
        )


def test_a_task_comes_back_as_its_trials_and_what_went_wrong_of_it_is_tried_again(tmp_path):
    pool = Pool(Loky([CPU], Together(tmp_path, (1, 3))))
    pool.submit(*map(spec, range(4)))
    assert len(pool) == 4
    done = drain(pool)
    pool.close()
    assert done == {spec(seed).key: TrialOutcome(spec(seed).key) for seed in range(4)}
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["0 1 2 3", "1 3"]


def test_a_task_whose_worker_dies_is_lost_as_a_whole(tmp_path):
    pool = Pool(Loky([CPU], OneByOne(Spoiled(tmp_path, 99, die))))
    pool.submit(*map(spec, range(3)))
    found = drain(pool)
    pool.close()
    assert {done.status for done in found.values()} == {"error"}
    assert set(found) == {spec(seed).key for seed in range(3)}


def test_nothing_new_runs_beside_a_suspect(pools, tmp_path):
    pool = pools(2, Spoiled(tmp_path, 2, disk_full))
    pool.submit(spec(1))
    submitted = 2
    while len(pool):
        pool.collect(timeout=0.05)
        if submitted < 8:
            pool.submit(spec(submitted))
            submitted += 1
    tries = [path.read_text() for path in sorted(tmp_path.glob("tried-*"))]
    assert tries[1:] == ["0", "0"]


def test_the_death_of_an_idle_worker_is_no_trials_fault(pools):
    first = pools(1, worker_pid)
    first.submit(spec(0))
    (done,) = drain(first).values()
    os.kill(int(done.reason), signal.SIGKILL)
    second = pools(1, sleepy)
    second.submit(spec(0))
    assert drain(second)[spec(0).key].status == "trained"


def die_at_once(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.timeout(120)
def test_the_death_of_a_worker_that_ended_for_want_of_work_is_noticed(pools, monkeypatch):
    """Loky would start another one and wait for it for ever, as nobody watches that one."""
    monkeypatch.setattr(loky, "_idle", defaultdict(deque))
    monkeypatch.setattr(loky, "_IDLE_SECONDS", 1)
    monkeypatch.setattr(loky, "_REUSE_SECONDS", 0.5)
    first = pools(1, worker_pid)
    first.submit(spec(0))
    drain(first)
    time.sleep(4)
    executor = Loky([CPU], OneByOne(die_at_once))
    assert executor.run((spec(1),))[0].reason == "its worker process died (out of memory?)"
    executor.close()


def test_a_trial_that_was_just_submitted_is_stopped_without_a_traceback(monkeypatch):
    """Loky's thread, slow to take the trial up, would look for it among those that were dropped."""
    monkeypatch.setattr(loky, "_idle", defaultdict(deque))
    faults, wait = [], _ExecutorManagerThread.wait_result_broken_or_wakeup

    def wait_long(thread):
        woken = wait(thread)
        time.sleep(0.3)
        return woken

    monkeypatch.setattr(_ExecutorManagerThread, "wait_result_broken_or_wakeup", wait_long)
    executor = Loky([CPU], OneByOne(sleepy))
    executor.run((spec(0),))
    monkeypatch.setattr(threading, "excepthook", lambda fault: faults.append(fault.exc_value))
    launch = threading.Thread(target=executor.run, args=((spec(1),),))
    launch.start()
    while not executor._busy:
        time.sleep(0.001)
    time.sleep(0.05)
    executor.close()
    launch.join()
    assert not faults
    assert executor.run((spec(2),))[0].reason == "stopped"


def worker_pid(trial, **_):
    return TrialOutcome(trial.key, "diverged", str(os.getpid()))


def where(trial, slot):
    return TrialOutcome(trial.key, "diverged", f"{slot.device} {os.getpid()}")


def test_slots_take_turns_and_each_keeps_a_worker_of_its_own():
    devices = ("cpu:0", "cpu:1")
    executor = Loky([Slot(device) for device in devices], OneByOne(where))
    found = [executor.run((spec(seed),))[0].reason.split() for seed in range(4)]
    executor.close()
    assert [device for device, _ in found] == [*devices, *devices]
    pids = {device: {pid for other, pid in found if other == device} for device in devices}
    assert [len(own) for own in pids.values()] == [1, 1]
    assert not pids["cpu:0"] & pids["cpu:1"]


def test_an_outcome_says_how_often_it_is_tried(pools, tmp_path):
    pool = pools(1, Costly(tmp_path))
    pool.submit(spec(0))
    assert drain(pool)[spec(0).key].reason == "too large"
    assert len(list(tmp_path.iterdir())) == 2


class Costly:
    """Work that is too large for its device, however often it is tried."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, trial, **_):
        (self.folder / str(time.monotonic_ns())).touch()
        return TrialOutcome(trial.key, "error", "too large", tries=2)


def test_queued_trials_can_be_dropped(pools):
    pool = pools(1, sleepy)
    for seed in range(10):
        pool.submit(spec(seed % 3))
    pool.drop_queued()
    assert len(pool) <= 1
    drain(pool)


def endless(trial, **_):
    Path(trial.split).write_text(str(os.getpid()))
    time.sleep(600)


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_closing_stops_what_runs(pools, tmp_path):
    mark = tmp_path / "pid"
    pool = pools(1, endless)
    pool.submit(TrialSpec(str(mark), "d", Choice("b", {}, ""), Choice("r", {}, ""), {}, 0))
    wait_for(lambda: mark.exists() and mark.read_text())
    pool.close()
    assert not alive(int(mark.read_text()))
    assert len(pool) == 0


LAUNCHER = """
import sys
from tests.one_by_one import OneByOne
from tests.study.test_pool import endless
from harness.core.trial_spec import Choice, TrialSpec
from harness.study.executors.loky import Loky
from harness.study.pool import Pool
from harness.study.slots import CPU
pool = Pool(Loky([CPU], OneByOne(endless)))
pool.submit(TrialSpec(sys.argv[1], "d", Choice("b", {}, ""), Choice("r", {}, ""), {}, 0))
while True:
    pool.collect(timeout=1)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
def test_workers_end_when_their_launcher_is_killed(tmp_path):
    mark = tmp_path / "pid"
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(mark)])
    wait_for(lambda: mark.exists() and mark.read_text())
    launcher.kill()
    launcher.wait()
    wait_for(lambda: not alive(int(mark.read_text())))
