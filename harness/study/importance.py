"""Importance of the searched parameters, by Optuna's PED-ANOVA of a study's configurations."""

import warnings
from collections.abc import Mapping, Sequence

import optuna
import pandas as pd
from optuna.distributions import CategoricalDistribution
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, create_trial

from harness.core.study_spec import StudySpec
from harness.results.study_record import Configuration, StudyRecord
from harness.study.distributions import distributions

optuna.logging.set_verbosity(optuna.logging.WARNING)

EVERY = "all regimes"
FEWEST = 5
"""Finished configurations of a regime below which importances mean nothing."""


def importances(record: StudyRecord) -> pd.DataFrame:
    """Importance of each parameter for each metric, per regime and over all of them.

    PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255): how differently the values of the best
    tenth (at least two) and of all configurations are spread. With few configurations that is a
    rough guide, so their number is reported.

    Parameters
    ----------
    record
        The study with its configurations: Optuna's storage, wherever that is, is not needed.

    Returns
    -------
    Columns regime, metric, parameter, importance (their sum is 1 per regime and metric) and
    configurations. The rows of `all regimes` are of the parameters that every regime searches, and
    of `regime` itself. Regimes with fewer than 5 finished configurations are left out.
    """
    study = record.spec
    columns = ["regime", "metric", "parameter", "importance", "configurations"]
    if record.imported:  # what was searched is not known
        return pd.DataFrame(columns=columns)
    metrics = [metric.name for metric in study.metrics]
    directions = [StudyDirection[metric.goal.upper()] for metric in study.metrics]
    finished = {
        regime: [_trial(study, each) for each in record.succeeded() if each.regime == regime]
        for regime in study.regimes
    }
    if len(finished) > 1:
        finished[EVERY] = _pooled(finished)
    rows = [
        {"regime": regime, "metric": metric, **row, "configurations": len(trials)}
        for regime, trials in finished.items()
        if len(trials) >= FEWEST
        for memory in (_study(trials, directions),)
        for index, metric in enumerate(metrics)
        for row in _ranked(memory, index)
    ]
    return pd.DataFrame(rows, columns=columns)


def _trial(study: StudySpec, configuration: Configuration) -> FrozenTrial:
    searched = distributions(study, configuration.regime, configuration.parameters)
    return create_trial(
        values=list(configuration.objectives or ()),
        params={name: configuration.parameters[name] for name in searched},
        distributions=searched,
    )


def _pooled(finished: Mapping[str, Sequence[FrozenTrial]]) -> list[FrozenTrial]:
    """All configurations with the parameters they share, and their regime as one more."""
    every = [(regime, trial) for regime, trials in finished.items() for trial in trials]
    shared = set.intersection(*(set(trial.params) for _, trial in every)) if every else set()
    regimes = CategoricalDistribution(tuple(finished))
    return [
        create_trial(
            values=trial.values,
            params={name: trial.params[name] for name in sorted(shared)} | {"regime": regime},
            distributions={name: trial.distributions[name] for name in sorted(shared)}
            | {"regime": regimes},
        )
        for regime, trial in every
    ]


def _study(trials: Sequence[FrozenTrial], directions: Sequence[StudyDirection]) -> Study:
    """The trials as Optuna takes them: it copies each one, which takes most of the time."""
    memory = optuna.create_study(directions=directions)
    memory.add_trials(trials)
    return memory


def _ranked(memory: Study, index: int) -> list[dict[str, str | float]]:
    """Importance of each parameter for one metric, the most important first."""
    # PED-ANOVA takes less for better.
    sign = -1 if memory.directions[index] == StudyDirection.MAXIMIZE else 1
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # it reports equal shares
        found = get_param_importances(
            memory,
            evaluator=PedAnovaImportanceEvaluator(),
            target=lambda trial: sign * trial.values[index],  # noqa: PD011 -- no pandas
        )
    return [{"parameter": name, "importance": value} for name, value in found.items()]
