"""Where the UI shows the studies of a store."""

from mlflow.tracking import MlflowClient

from harness.tracking.views import PREFIX, TRIALS, view_address

EXPERIMENTS = "#/experiments?workflowType=machine_learning"
"""Address of the list of experiments, relative to that of the UI."""


def study_addresses(client: MlflowClient) -> dict[str, str]:
    """Study to the address of its trials in their saved view, relative to that of the UI."""
    found = (e for e in client.search_experiments() if f"{PREFIX}{TRIALS}" in e.tags)
    return {e.name: view_address(e.experiment_id, TRIALS, drawn=False) for e in found}
