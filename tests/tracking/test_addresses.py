"""Addresses of studies, in a real store."""

from mlflow.tracking import MlflowClient

from harness.tracking.addresses import study_addresses
from harness.tracking.views import TRIALS, view_address
from tests.tracking.conftest import tracker


def test_each_study_has_the_address_of_its_trials_and_no_other_experiment_has(store):
    client = MlflowClient(store.uri)
    assert study_addresses(client) == {}
    tracker(store)
    tracker(store, study="plants")
    client.create_experiment("of somebody else")
    animals, plants = (
        client.get_experiment_by_name(n).experiment_id for n in ("animals", "plants")
    )
    assert study_addresses(client) == {
        "animals": view_address(animals, TRIALS, drawn=False),
        "plants": view_address(plants, TRIALS, drawn=False),
    }
    client.delete_experiment(plants)
    assert set(study_addresses(client)) == {"animals"}
