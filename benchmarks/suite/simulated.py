"""Trials that train nothing: results drawn at random, written by the real writer at once.

What a launch costs beside training, and how commands cope with many trials, is measured with them.
"""

import functools
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from harness.core.project import Project
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.data.load import ensure
from harness.models.backbones import Backbone
from harness.models.cost import exit_costs
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult, write_trial
from harness.study import run
from harness.study.executors import Outcomes, TrialOutcome, TrialTask
from harness.study.run import LaunchOptions, run_study
from harness.study.slots import CPU
from harness.study.study_file import read_study
from harness.study.trial_summary import SummaryRecipe, TrialSummary, summarise
from harness.tracking.store import Store, open_client
from harness.training.model import backbone_of

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "studies" / "quickstart.yaml"

SAMPLES, CLASSES, EPOCHS = 100, 10, 15
"""Of each part, of the data set (scikit-learn's digits), and of the learning curve."""
KINDS = 16
"""Of different results: what drawing and summarising them takes is a worker's, not the launch's."""


class Simulated:
    """An executor (`harness.study.executors.Executor`) in the launcher's own threads."""

    capacity = 2

    def __init__(self, folder: Path, record: StudyRecord) -> None:
        self._folder = folder
        self._recipe, self._shape = SummaryRecipe.of(record), record.manifest.input_shape
        self._made: dict[tuple[int, int], tuple[TrialResult, ExitLogits, TrialSummary]] = {}

    def run(self, task: TrialTask) -> Outcomes:
        """Write one of the drawn results for each trial, the same for the same trial."""
        return tuple(map(self._written, task))

    def _written(self, spec: TrialSpec) -> TrialOutcome:
        kind = (spec.static_exit, int(spec.key, 16) % KINDS)
        if kind not in self._made:
            self._made[kind] = self._drawn(spec)
        result, test, summary = self._made[kind]
        weights = {"weight": np.zeros((10, 10), dtype=np.float32)}
        write_trial(self._folder, replace(result, spec=spec), weights, test=test)
        return TrialOutcome(spec.key, summary=replace(summary, spec=spec))

    def presence(self) -> None:
        """No worker joins or leaves."""

    def close(self) -> None:
        """Nothing runs between two calls."""

    def _drawn(self, spec: TrialSpec) -> tuple[TrialResult, ExitLogits, TrialSummary]:
        random = np.random.default_rng(int(spec.key, 16))
        costs = _costs(spec, tuple(self._shape))
        exits = len(costs.macs)
        result = TrialResult(
            spec=spec,
            validation=_outputs(random, exits),
            costs=costs,
            curve=_curve(random, exits),
            seconds=0.0,
            versions={"torch": "none", "numpy": np.__version__, "device": "simulated"},
        )
        return result, _outputs(random, exits), summarise(result, self._recipe)


@dataclass(frozen=True)
class Launched:
    """What a launch of simulated trials took.

    Attributes
    ----------
    first
        Seconds until the first trial of the launch was recorded.
    seconds
        Until the last one was.
    logged
        Until MLflow had all of them.
    cpu
        Seconds of CPU time, start-up left out.
    """

    first: float
    seconds: float
    logged: float
    cpu: float


def simulated_launch(folder: Path, name: str, trials: int, *, mlflow: bool = False) -> Launched:
    """Launch a study of the quickstart's regimes whose trials are simulated, or go on with it.

    Parameters
    ----------
    folder
        Of the project, which is made where there is none.
    trials
        Networks in all.
    mlflow
        Whether they are logged.
    """
    project = Project(folder)
    project.splits.write_text((ROOT / "params.yaml").read_text())
    changes = (f"name={name}", f"run_cap={trials}", "method=random", "window=16")
    study = read_study(STUDY, changes)
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    if mlflow:
        open_client(store)  # MLflow takes seconds to make its tables
    times: list[tuple[float, float]] = []
    with _simulated(mlflow=mlflow):
        began = time.monotonic()
        run_study(
            project,
            study,
            manifest,
            LaunchOptions((CPU,) * 2),
            store,
            lambda _: times.append((time.monotonic() - began, time.process_time())),
        )
        logged = time.monotonic() - began
    cpu = time.process_time() - times[0][1]
    return Launched(times[0][0], times[-1][0], logged, cpu)


@contextmanager
def _simulated(*, mlflow: bool) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(run, "_executor", _executor))
        if not mlflow:
            stack.enter_context(mock.patch.object(run, "TrialLogger", mock.MagicMock()))
        yield


def _executor(project: object, folder: Path, options: object, record: StudyRecord) -> Simulated:
    del project, options
    return Simulated(folder, record)


@functools.cache
def _measured(backbone: Backbone, shape: tuple[int, ...], static_exit: int) -> ExitCosts:
    return exit_costs(backbone, shape, CLASSES, static_exit)


def _costs(spec: TrialSpec, shape: tuple[int, ...]) -> ExitCosts:
    return _measured(backbone_of(spec), shape, spec.static_exit)


def _outputs(random: np.random.Generator, exits: int) -> ExitLogits:
    """Logits [E, N, K] of exits that are correct the more often the deeper they are."""
    labels = random.integers(0, CLASSES, SAMPLES)
    logits = random.normal(size=(exits, SAMPLES, CLASSES)).astype(np.float32)
    sure = random.uniform(0.5, 3.0) * np.linspace(0.6, 1.0, exits)
    logits[:, np.arange(SAMPLES), labels] += sure[:, None].astype(np.float32)
    return ExitLogits(logits, labels)


def _curve(random: np.random.Generator, exits: int) -> pd.DataFrame:
    per_exit = [
        f"{name}_exit_{number}"
        for name in ("validation_accuracy", "mean_weight")
        for number in range(1, exits + 1)
    ]
    names = ["phase", "train_loss", "validation_loss", "learning_rate", *per_exit]
    falling = np.sort(random.exponential(size=(EPOCHS, len(names))), axis=0)[::-1]
    return pd.DataFrame(falling, columns=names)
