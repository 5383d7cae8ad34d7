"""A study of made-up trials, whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.data.prepare import Manifest
from harness.data.splits import SplitSpec
from harness.report.evaluation import of_study
from harness.report.frontiers import validation_points
from harness.report.seeds import hypervolumes, seed_frontiers
from harness.results import study_record, trials
from harness.results.study_record import Configuration, Reference, StudyRecord
from harness.results.tables import HYPERVOLUMES, SEEDS

REGIMES = ("joint", "hard_cgt", "single_exit")
MANIFEST = Manifest(
    name="s",
    spec=SplitSpec(dataset="digits", train=0.5, validation=0.25),
    source={},
    classes=("a", "b", "c"),
    input_shape=(1, 8, 8),
    counts={},
    digest="d" * 32,
)


def logits(generator, samples, strength):
    labels = generator.integers(0, 3, samples)
    values = generator.normal(size=(2, samples, 3)).astype(np.float32)
    values[:, np.arange(samples), labels] += np.array(strength, dtype=np.float32)[:, None]
    return ExitLogits(values, labels)


def store(folder, regime, seed):
    generator = np.random.default_rng([seed, len(regime)])
    spec = TrialSpec("s", "d", Choice("b", {}), Choice(regime, {}), {"epochs": 1}, seed)
    validation, test = (logits(generator, n, (1.0, 2.0)) for n in (80, 90))
    costs = ExitCosts(np.array([10.0, 100.0]), 90.0, np.array([5, 9]))
    curve = pd.DataFrame({"train_loss": [1.0], "validation_accuracy_exit_1": [0.5]})
    result = trials.TrialResult(spec, validation, costs, curve, 1.0, {"torch": "2"})
    trials.write(folder, result, {}, test)
    return spec.key


def make_study(folder):
    configurations = []
    for regime in REGIMES:
        for seed in (0, 1):
            key = store(folder, regime, seed)
            configurations.append(
                Configuration(
                    number=len(configurations),
                    regime=regime,
                    parameters={},
                    keys=(key,),
                    thresholds=None,
                    told=(0.5,),
                )
            )
    failed = configurations[0].model_copy(
        update={"number": 6, "keys": ("none",), "told": None, "reason": "<went wrong>"}
    )
    record = StudyRecord(
        name="made-up",
        description="A <b>study</b>",
        spec={"seeds": [0, 1]},
        split="s",
        digest="d" * 32,
        data=MANIFEST.model_dump(mode="json"),
        provenance="made-up data",
        reference=Reference(macs=90.0, accuracy=1 / 3),
        metrics=("hypervolume",),
        policy="max_softmax",
        policy_parameters={},
        levels=None,
        planned=7,
        state="done",
        versions={"harness": "0"},
        configurations=(*configurations, failed),
    )
    study_record.write(folder, record)
    return folder


@pytest.fixture
def folder(tmp_path):
    return make_study(tmp_path)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory):
    """The study with the frontier stage's tables per seed, to be read alone."""
    folder = make_study(tmp_path_factory.mktemp("seeded"))
    record = study_record.read(folder)
    own = of_study(record)
    frontiers = seed_frontiers(folder, validation_points(folder, record, own), own)
    frontiers.to_parquet(folder / SEEDS)
    hypervolumes(folder, record, frontiers, own).to_parquet(folder / HYPERVOLUMES)
    return folder
