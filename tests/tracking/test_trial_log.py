"""What a trial's run in MLflow is called and described by."""

import pandas as pd
import pytest

from harness.core.trial_spec import Choice, TrialSpec
from harness.tracking.trial_log import TrialLog

METRICS = {"accuracy": 0.75, "best_accuracy": 0.9126, "relative_cost": 0.254}
SEARCHED = {"training.learning_rate": 0.0078234, "regime.kappa": 12.34, "regime.preset": "uniform"}


def log(static_exit=0, **fields):
    regime = Choice("soft_cgt", {"kappa": 12.34}, "")
    spec = TrialSpec("s", "d", Choice("b", {}, ""), regime, {}, 1, static_exit)
    fields = {"metrics": METRICS, **fields}
    return TrialLog(spec=spec, configuration=4, curve=pd.DataFrame(), frontier=None, **fields)


@pytest.mark.parametrize(
    ("trial", "note"),
    [
        (
            log(proposed=SEARCHED),
            "soft_cgt (learning_rate 0.00782, kappa 12.3, preset uniform), seed 1: validation "
            "accuracy 0.913 at best, 0.750 at 25 % of the full cost (its knee)",
        ),
        (
            log(static_exit=2, score="R²"),
            "soft_cgt, seed 1 static exit 2: validation R² 0.913 at best, 0.750 at 25 % of the "
            "full cost (its knee)",
        ),
        (
            log(metrics={}, reason="the loss is not finite"),
            "soft_cgt, seed 1: failed, the loss is not finite",
        ),
    ],
)
def test_a_line_says_what_was_trained_and_how_well_it_does(trial, note):
    assert trial.note == note
    assert trial.tags["mlflow.note.content"] == note


def test_a_run_is_named_after_regime_configuration_seed_and_static_exit():
    assert log().run_name == "soft_cgt #4 seed 1"
    assert log(static_exit=2).run_name == "soft_cgt #4 seed 1 static exit 2"
