"""MLflow's registered models: one per study, with a version per operating point and aliases."""

import json
from dataclasses import dataclass

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from harness.tracking.logged_models import ExportedNetwork, log_model
from harness.tracking.store import Store, open_client

IDENTITY = ("regime", "policy", "policy_code", "programs", "inputs", "thresholds")
"""Parameters that, with the trial's key, identify an operating point and how it is run."""
VERSIONS = "mlflow.modelVersions"
"""Tag by which the UI shows on a logged model the versions registered of it."""


@dataclass(frozen=True)
class Registered:
    """The model version that an alias points to.

    Attributes
    ----------
    version
        Number of the version.
    new
        Whether this call created it.
    uri
        What `mlflow.pyfunc.load_model` takes.
    """

    version: int
    new: bool
    uri: str


def register_version(store: Store, name: str, alias: str, network: ExportedNetwork) -> Registered:
    """Let an alias of the registered model `name` point to an exported network.

    The network becomes a new version, unless there is one of the same trial, policy (and its
    code), thresholds, inputs and programs.

    Raises
    ------
    InputError
        The store knows no run of the trial. MLflow's own errors pass through.
    """
    client = open_client(store)
    tags = {"key": network.key, **{part: str(network.parameters[part]) for part in IDENTITY}}
    found = _version(client, name, tags)
    version = found or _create(client, store, name, network, tags)
    client.set_registered_model_alias(name, alias, version.version)
    return Registered(int(version.version), found is None, f"models:/{name}@{alias}")


def describe(store: Store, name: str, note: str) -> None:
    """Set the description (Markdown) of a registered model."""
    open_client(store).update_registered_model(name, note)


def _version(client: MlflowClient, name: str, tags: dict[str, str]) -> ModelVersion | None:
    known = client.search_model_versions(f"name = '{name}'")
    return next((v for v in known if tags.items() <= v.tags.items()), None)


def _create(
    client: MlflowClient, store: Store, name: str, network: ExportedNetwork, tags: dict[str, str]
) -> ModelVersion:
    model = client.get_logged_model(log_model(store, network).removeprefix("models:/"))
    try:
        client.get_registered_model(name)
    except MlflowException:
        client.create_registered_model(name)
    made = client.create_model_version(
        name,
        # The model's own address would be resolved in the process's store, not in this one.
        source=model.artifact_location,
        run_id=model.source_run_id,
        tags=tags,
        description=_note(network),
        model_id=model.model_id,
    )
    client.set_logged_model_tags(
        model.model_id, {VERSIONS: json.dumps([{"name": name, "version": made.version}])}
    )
    return made


def _note(network: ExportedNetwork) -> str:
    shown = network.parameters
    rows = [f"| {name} | {value} |" for name, value in shown.items()]
    first = (
        f"{shown['regime']}: validation accuracy {shown['validation_accuracy']:.4f} "
        f"at {shown['validation_cost']:.4f} of the full cost."
    )
    return "\n".join([first, "", "| | |", "|---|---|", *rows])
