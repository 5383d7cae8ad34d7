"""A real MLflow server that is dead from the start, dies, and comes back."""

import pytest

from tests.faults.disturbed import PATIENCE, counted, wait_for

pytestmark = pytest.mark.job


def stored_at_least(study, count):
    wait_for(lambda: len(study.stored()) >= count, f"{count} trials")


def test_a_server_dead_from_the_start_costs_no_trial_and_sync_completes_it(
    disturbed, undisturbed, mlflow_server
):
    study = disturbed()
    study.tracking_uri = mlflow_server.url
    code, said = study.run("launch", study.file, "--workers", 2)
    assert code == 0, said
    assert "not logged" in said
    assert study.state() == "done"
    mlflow_server.start()
    study.assert_equals(undisturbed)
    counted("MLflow server dead from the start", {"times": 1})


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_server_that_dies_costs_no_trial_and_sync_completes_it(
    disturbed, undisturbed, mlflow_server, comes_back
):
    study = disturbed()
    study.tracking_uri = mlflow_server.url
    mlflow_server.start()
    process = study.launch()
    stored_at_least(study, 3)
    mlflow_server.kill()
    stored_at_least(study, 5)
    if comes_back:
        mlflow_server.start()
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert study.state() == "done"
    if not comes_back:
        mlflow_server.start()
    study.assert_equals(undisturbed)
    counted("MLflow server killed", {"comes back during the launch": comes_back})
