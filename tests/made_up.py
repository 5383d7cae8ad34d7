"""A study of made-up trials, whose answers are known."""

import itertools

import numpy as np
import pandas as pd
import pytest

from harness.analysis.evaluation import of_study
from harness.analysis.frontier_stage import write_frontier
from harness.analysis.frontiers import validation_points
from harness.analysis.seeds import hypervolumes, seed_frontiers
from harness.core.manifest import Manifest, SplitSpec
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.results import study_record, trials
from harness.results.confirmation import confirmation_folder, write_test_samples
from harness.results.fresh_seeds import FreshSeeds
from harness.results.stamp import table_set
from harness.results.study_record import Configuration
from harness.results.tables import HYPERVOLUMES, SEEDS
from tests.records import changed, record_of

REGIMES = ("joint", "hard_cgt", "single_exit")
MANIFEST = Manifest(
    name="s",
    spec=SplitSpec(dataset="digits", train=0.5, validation=0.25),
    source={"file": "made-up data"},
    classes=("a", "b", "c"),
    input_shape=(1, 8, 8),
    counts={},
    digest="d" * 32,
    code="",
)


def logits(generator, samples, strength):
    labels = generator.integers(0, 3, samples)
    values = generator.normal(size=(2, samples, 3)).astype(np.float32)
    values[:, np.arange(samples), labels] += np.array(strength, dtype=np.float32)[:, None]
    return ExitLogits(values, labels)


def store(folder, regime, seed, calibration=0, epochs=1):
    generator = np.random.default_rng([seed, len(regime), *range(1, epochs)])
    training = {"epochs": epochs}
    spec = TrialSpec("s", "d", Choice("b", {}, ""), Choice(regime, {}, ""), training, seed)
    validation, test = (logits(generator, n, (1.0, 2.0)) for n in (80, 90))
    costs = ExitCosts(np.array([10.0, 100.0]), 90.0, np.array([5, 9]))
    curve = pd.DataFrame({"train_loss": [1.0], "validation_accuracy_exit_1": [0.5]})
    held_out = logits(generator, calibration, (1.0, 2.0)) if calibration else None
    result = trials.TrialResult(spec, validation, costs, curve, 1.0, {"torch": "2"}, held_out)
    trials.write_trial(folder, result, {}, test)
    return spec.key


def make_study(folder, calibration=0):
    """A finished study; `calibration` is the size of its calibration part, 0 for none."""
    configurations = []
    for regime in REGIMES:
        for seed in (0, 1):
            key = store(folder, regime, seed, calibration)
            configurations.append(
                Configuration(
                    number=len(configurations),
                    regime=regime,
                    parameters={},
                    keys=(key,),
                    thresholds=None,
                    objectives=(0.5,),
                )
            )
    failed = configurations[0].model_copy(
        update={"number": 6, "keys": ("none",), "objectives": None, "reason": "<went wrong>"}
    )
    counts = {"calibration": (calibration, 0, 0)} if calibration else {}
    record = record_of(MANIFEST.model_copy(update={"counts": counts}))
    done = {"configurations": (*configurations, failed)}
    study_record.write_study_record(folder, record.model_copy(update=done))
    return folder


def make_confirmation(study_folder, searches=((1000, 1001, 1002),), candidates=1):
    """Confirm the made-up study: as many candidates of each regime and search.

    Each seed is tested on 90 samples, of which it shares 60 with the next one.
    """
    search = study_record.read_study_record(study_folder)
    folder = confirmation_folder(study_folder)
    seeds = [seed for own in searches for seed in own]
    each = itertools.product(REGIMES, enumerate(searches), range(candidates))
    configurations = tuple(
        Configuration(
            number=number,
            regime=regime,
            search=index,
            parameters={"training.epochs": epochs + 1},
            keys=tuple(store(folder, regime, seed, epochs=epochs + 1) for seed in own),
            thresholds=None,
            objectives=(0.5,),
        )
        for number, (regime, (index, own), epochs) in enumerate(each)
    )
    fresh = FreshSeeds(
        searches=searches,
        digests=dict.fromkeys(seeds, "d"),
        searched=search.recorded_digest(),
        candidates=tuple(100 + each.number for each in configurations),
        configurations=12,
        resplit=True,
    )
    facts = {"spec": {"seeds": seeds}, "fresh": fresh, "configurations": configurations}
    study_record.write_study_record(folder, changed(search, **facts))
    parts = {seed: np.arange(90) + 30 * index for index, seed in enumerate(seeds)}
    write_test_samples(folder, parts)
    return folder


@pytest.fixture
def folder(tmp_path):
    return make_study(tmp_path)


@pytest.fixture
def calibrated(tmp_path):
    """The same study, with the outputs of a calibration part of 70 samples."""
    return make_study(tmp_path / "calibrated", calibration=70)


@pytest.fixture(scope="session")
def judged(tmp_path_factory):
    """The study, confirmed, with all tables of the frontier stage, to be read alone."""
    folder = make_study(tmp_path_factory.mktemp("judged"))
    make_confirmation(folder)
    write_frontier(folder)
    return folder


@pytest.fixture(scope="session")
def seeded(tmp_path_factory):
    """The study with the frontier stage's tables per seed, to be read alone."""
    folder = make_study(tmp_path_factory.mktemp("seeded"))
    record = study_record.read_study_record(folder)
    own = of_study(record)
    frontiers = seed_frontiers(folder, record, validation_points(folder, record, own), own)
    with table_set(folder, record) as tables:
        frontiers.to_parquet(tables / SEEDS)
        hypervolumes(folder, record, frontiers, own).to_parquet(tables / HYPERVOLUMES)
    return folder
