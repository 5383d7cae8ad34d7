"""What the executor makes of replies: workers are threads of this process, trials are made up."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import Client, LocalCluster, get_worker

from harness.core.errors import DataError
from harness.core.trial_spec import Choice, TrialSpec
from harness.study.executors import TrialOutcome
from harness.study.executors.dask import DaskExecutor, Exchange, Reply
from harness.study.executors.dask_cluster import Connection
from harness.study.executors.profile import Profile

SEEDS = range(6)
running, most, by_worker = {}, {}, {}
lock = threading.Lock()


def spec(seed):
    return TrialSpec("s", "d", Choice("b", {}, ""), Choice("r", {}, ""), {}, seed)


def busy(key):
    """Notes how many trials a worker has at once."""
    name = get_worker().address
    with lock:
        running[name] = running.get(name, 0) + 1
        most[name] = max(most.get(name, 0), running[name])
    time.sleep(0.05)
    with lock:
        running[name] -= 1
    return Reply(TrialOutcome(key), parcel=bytes(2_000_000))


def failing(key):
    raise OSError(28, f"No space left for {key}")


def without_harness(key):
    raise ModuleNotFoundError(f"No module named 'harness' for {key}")


def refusing(key):
    return Reply(TrialOutcome(key, "error"), refused=f"{get_worker().name}: other data")


def one_refuses(key):
    with lock:
        name = get_worker().name
        by_worker[name] = by_worker.get(name, 0) + 1
    return refusing(key) if name == 0 else Reply(TrialOutcome(key))


def taken(trial, reply):
    assert trial.key == reply.outcome.key
    return reply.outcome


@pytest.fixture
def cluster():
    settings = {"processes": False, "threads_per_worker": 4, "protocol": "tcp://"}
    settings |= {"host": "127.0.0.1", "dashboard_address": None, "memory_limit": 0}
    with LocalCluster(n_workers=2, **settings) as made:
        yield made


@pytest.fixture
def executor(cluster):
    made = []

    def make(work, receive=taken, patience=30.0):
        profile = Profile(scheduler=cluster.scheduler_address, patience=patience)
        client = Client(cluster.scheduler_address, timeout=patience, set_as_default=False)
        connection = Connection(client, cluster.scheduler_address, profile, None)

        def take(task, replies):
            return tuple(map(receive, task, replies))

        exchange = Exchange(lambda key: (work(key),), lambda task: task[0].key, take)
        made.append(DaskExecutor(connection, exchange, 6))
        return made[-1]

    yield make
    for each in made:
        each.close()


def run_one(executor, seed):
    (outcome,) = executor.run((spec(seed),))
    return outcome


def run_all(executor):
    with ThreadPoolExecutor(len(SEEDS)) as threads:
        return list(threads.map(lambda seed: run_one(executor, seed), SEEDS))


def test_a_worker_has_one_trial_at_a_time_whatever_its_threads(executor):
    most.clear()
    outcomes = run_all(made := executor(busy))
    assert outcomes == [TrialOutcome(spec(seed).key) for seed in SEEDS]
    assert list(most.values()) == [1, 1]
    presence = made.presence()
    assert presence.workers == 2
    assert [" joined, " in event for event in presence.events] == [True, True]


def test_what_a_trial_raises_is_an_error_that_names_the_worker(executor):
    outcome = run_one(executor(failing), 1)
    assert (outcome.status, outcome.tries) == ("error", 3)
    assert outcome.reason.startswith("worker ")
    assert f"No space left for {spec(1).key}" in outcome.reason


def test_a_reply_that_is_not_taken_is_an_error(executor):
    def refuse(trial, _):
        raise DataError(f"a parcel of {trial.key} is damaged")

    outcome = run_one(executor(busy, refuse), 1)
    assert (outcome.status, outcome.tries) == ("error", 3)
    assert f"a parcel of {spec(1).key} is damaged" in outcome.reason


@pytest.mark.parametrize(("work", "said"), [(refusing, "other data"), (without_harness, "harness")])
def test_where_all_workers_refuse_the_trial_is_given_up_with_their_reasons(executor, work, said):
    outcome = run_one(executor(work), 1)
    assert (outcome.status, outcome.tries) == ("error", 1)
    assert outcome.reason.count(said) == 2


def test_a_worker_that_refuses_is_asked_once(executor):
    by_worker.clear()
    assert {outcome.status for outcome in run_all(executor(one_refuses))} == {"trained"}
    assert by_worker == {0: 1, 1: len(SEEDS)}


def test_a_scheduler_that_is_gone_for_good_ends_all_that_waits(cluster, executor):
    made = executor(busy, patience=1.0)
    assert run_one(made, 1).status == "trained"
    cluster.close()
    outcomes = run_all(made)
    assert {(outcome.status, outcome.tries) for outcome in outcomes} == {("error", 1)}
    gone = f"the Dask scheduler {cluster.scheduler_address} has not answered for 1 s"
    assert all(outcome.reason.startswith(gone) for outcome in outcomes)


def test_who_waits_for_a_worker_is_let_go_when_the_executor_closes(cluster, executor):
    cluster.scale(0)
    while cluster.scheduler.workers:
        time.sleep(0.01)
    made = executor(busy)
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(run_one(made, 1)))
    thread.start()
    made.close()
    thread.join(timeout=60)
    assert outcomes == [TrialOutcome(spec(1).key, "error", "stopped", tries=1)]
