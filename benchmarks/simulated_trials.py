"""Trials that train nothing: results drawn at random, written by the real writer at once.

What a launch costs beside training, and how commands cope with many trials, is measured with them.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import harness.study.run as launches
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.models.cost import exit_costs
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult, write_trial
from harness.study.executors import TrialOutcome
from harness.study.trial_summary import SummaryRecipe, TrialSummary, summarise
from harness.training.model import backbone_of

SAMPLES, CLASSES, EPOCHS = 100, 10, 15
"""Of each part, of the data set (scikit-learn's digits), and of the learning curve."""
KINDS = 64
"""Of different results: what drawing and summarising them takes is a worker's, not the launch's."""


class Simulated:
    """An executor (`harness.study.executors.Executor`) in the launcher's own threads."""

    capacity = 2

    def __init__(self, folder: Path, record: StudyRecord) -> None:
        self._folder = folder
        self._recipe, self._shape = SummaryRecipe.of(record), record.manifest.input_shape
        self._made: dict[tuple[int, int], tuple[TrialResult, ExitLogits, TrialSummary]] = {}

    def run(self, spec: TrialSpec) -> TrialOutcome:
        """Write one of the drawn results, the same for the same trial."""
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


@contextmanager
def simulated() -> Iterator[None]:
    """Let launches within the block train nothing."""
    real = launches._executor
    launches._executor = lambda project, folder, options, record: Simulated(folder, record)  # noqa: ARG005
    try:
        yield
    finally:
        launches._executor = real


@functools.cache
def _measured(backbone: object, shape: tuple[int, ...], static_exit: int) -> ExitCosts:
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
