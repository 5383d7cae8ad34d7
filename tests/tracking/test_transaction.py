"""Calls of MLflow as one transaction, in a real store."""

import threading

import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from harness.tracking.transaction import one_transaction

DATA = DatasetInput(Dataset("zoo", "d", "harness", "here"), [InputTag("mlflow.data.context", "x")])


def log(client, name):
    """All that is logged of a run: two values of one metric, its parameters, data and end."""
    run_id = client.create_run("0", start_time=1, tags={"kind": "trial"}, run_name=name).info.run_id
    metrics = [Metric("line", value, 5, step) for step, value in enumerate((0.25, 0.5))]
    client.log_batch(run_id, metrics=metrics, params=[Param("seed", "0")])
    client.log_inputs(run_id, [DATA])
    client.set_terminated(run_id, "FINISHED", 9)
    return run_id


def contents(client, run_id):
    """A run as MLflow gives it, without what differs from run to run."""
    run = client.get_run(run_id)
    line = [(m.step, m.value, m.timestamp) for m in client.get_metric_history(run_id, "line")]
    shown = {**run.data.tags, "mlflow.runName": ""}
    facts = (run.info.status, run.info.start_time, run.info.end_time, run.info.lifecycle_stage)
    data = [(d.dataset.to_dictionary(), d.tags[0].value) for d in run.inputs.dataset_inputs]
    return facts, run.data.metrics, run.data.params, shown, line, data


def test_a_run_is_the_same_as_by_calls_of_their_own(store):
    client = MlflowClient(store.uri)
    with one_transaction(client) as joined:
        first = log(joined, "a")
    assert contents(client, first) == contents(client, log(client, "b"))
    assert client.get_run(first).data.params == {"seed": "0"}
    assert contents(client, first)[4] == [(0, 0.25, 5), (1, 0.5, 5)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, "not active"])
def test_what_ends_in_the_middle_leaves_nothing_and_the_next_is_logged(store, error):
    client = MlflowClient(store.uri)

    def half():
        with one_transaction(client) as joined:
            run_id = log(joined, "half")
            if error == "not active":
                joined.delete_run(run_id)
                joined.log_metric(run_id, "late", 1)
            raise error

    with pytest.raises((KeyboardInterrupt, MlflowException)):
        half()
    assert client.search_runs(["0"]) == []
    with one_transaction(client) as joined:
        log(joined, "whole")
    assert [run.info.run_name for run in client.search_runs(["0"])] == ["whole"]


def test_others_of_the_process_neither_join_nor_see_it_before_its_end(store):
    client, found = MlflowClient(store.uri), []

    def look():
        found.append(len(MlflowClient(store.uri).search_runs(["0"])))

    with one_transaction(client) as joined:
        log(joined, "a")
        other = threading.Thread(target=look)
        other.start()
        other.join(30)
        assert len(joined.search_runs(["0"])) == 1
        look()
    look()
    assert found == [0, 0, 1]


def test_a_server_s_calls_take_effect_one_by_one():
    client = MlflowClient("http://127.0.0.1:9")
    with one_transaction(client) as same:
        assert same is client
