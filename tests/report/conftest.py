"""A study of made-up trials, whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.results import study_record, trials
from harness.results.study_record import Configuration, Reference, StudyRecord

REGIMES = ("joint", "hard_cgt", "single_exit")


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


@pytest.fixture
def folder(tmp_path):
    configurations = []
    for regime in REGIMES:
        for seed in (0, 1):
            key = store(tmp_path, regime, seed)
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
        data={},
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
    study_record.write(tmp_path, record)
    return tmp_path
