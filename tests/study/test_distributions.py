"""Distributions told from the study file and a record are those that Optuna drew from."""

import optuna
import pytest

from harness.core.trial_spec import TrainedOn
from harness.study.distributions import distributions
from harness.study.space import suggest
from tests.made_up import MANIFEST
from tests.records import record_of

EVERY_KIND = {
    "backbone": {
        "name": "image_cnn",
        "parameters": {
            "widths": {"values": [[4, 8], [4, 8, 16]]},
            "exits": 2,
            "pool": {"values": [2, 4]},
        },
    },
    "training": {
        "epochs": {"min": 2, "max": 9, "step": 3},
        "learning_rate": {"min": 0.001, "max": 0.1, "distribution": "log_uniform_values"},
        "weight_decay": {"min": 0.0, "max": 0.1, "distribution": "q_uniform", "q": 0.03},
        "optimizer": {"values": ["adamw", "sgd"]},
    },
    "regimes": {"joint": {"preset": {"values": ["uniform", "linear_ramp"]}}, "hard_cgt": {
        "tau": {"min": 0.5, "max": 0.9, "per_exit": True}, "beta": {"min": 0.0, "max": 1.0},
    }},
    "thresholds": {"selection": "sampled", "min": 0.4, "max": 0.9},
}  # fmt: skip


@pytest.mark.parametrize("regime", ["joint", "hard_cgt"])
def test_they_are_those_that_optuna_drew_from(regime):
    study = record_of(MANIFEST, **EVERY_KIND).spec
    memory = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(5):
        trial = memory.ask()
        suggest(trial, study, regime, TrainedOn("d" * 32, "cpu"))
        assert distributions(study, regime, trial.params) == trial.distributions
    assert len(trial.params) > 6


def test_a_parameter_that_is_not_searched_has_none():
    study = record_of(MANIFEST, training={"epochs": 3}).spec
    assert distributions(study, "joint", {"training.epochs": 3, "regime.gone": 1.0}) == {}
