"""A project's embedded store, and trackers that log to it."""

import shutil

import pytest

from harness.results.launches import Origin
from harness.tracking.runs import DataTag, LaunchLog, Tracker
from harness.tracking.store import Store

METRICS = {"accuracy": 0.75, "best_accuracy": 0.9, "relative_cost": 0.25}
"""Those that describe a trial."""
LAUNCH = LaunchLog(
    "animals",
    "Which is which?",
    DataTag("zoo", "d", "here", "{}"),
    {"split": "s"},
    {"git_commit": "c"},
)


def embedded(root):
    """The store of the project in a folder."""
    results = root / "results"
    return Store(f"sqlite:///{results / 'mlflow.db'}", results / "mlartifacts")


@pytest.fixture
def store(tmp_path, mlflow_tables):
    """The store of a project of its own, in which nothing is logged yet."""
    made = embedded(tmp_path / "project")
    made.artifacts.parent.mkdir(parents=True)
    shutil.copy(mlflow_tables, made.artifacts.parent / "mlflow.db")
    return made


def tracker(store, *launches, study="animals", identity="i"):
    """A tracker of a study whose folder these launches logged."""
    return Tracker(store, Origin(study, identity, launches), LAUNCH)
