"""Importances on made-up journals in which one parameter decides everything."""

import warnings

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

from harness.core.errors import DataError
from harness.results.study_record import JOURNAL
from harness.study.importance import EVERY, FEWEST, importances
from tests.damage import WAYS, cut, emptied

UNIT = FloatDistribution(0, 1)


def record(storage, regime, values, directions=("maximize", "minimize"), count=60, seed=0):
    study = optuna.create_study(
        study_name=f"made-up/{regime}", storage=storage, directions=list(directions)
    )
    with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
        study.set_metric_names(["gain", "loss"])
    generator = np.random.default_rng(seed)
    for _ in range(count):
        params = {"deciding": generator.random(), "idle": generator.random()}
        distributions = dict.fromkeys(params, UNIT)
        found = values(params["deciding"])
        study.add_trial(create_trial(values=found, params=params, distributions=distributions))
    failed = create_trial(state=TrialState.FAIL, params=params, distributions=distributions)
    study.add_trial(failed)


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / JOURNAL
    storage = JournalStorage(JournalFileBackend(str(path)))
    record(storage, "first", lambda x: (x, 1 - x))
    record(storage, "second", lambda x: (x + 5, 6 - x), seed=1)
    record(storage, "rare", lambda x: (x, x), count=FEWEST - 1, seed=2)
    return path


def test_the_parameter_that_decides_is_the_important_one(journal):
    found = importances(journal)
    of_one = found[found["regime"] == "first"].set_index(["metric", "parameter"])["importance"]
    for metric in ("gain", "loss"):
        assert of_one[metric].sum() == pytest.approx(1)
        assert of_one[metric, "deciding"] > 0.9
    assert (found.loc[found["regime"] == "first", "configurations"] == 60).all()


def test_over_all_regimes_the_regime_is_a_parameter(tmp_path):
    """Eight regimes, of which each is better than the one before whatever is searched."""
    storage = JournalStorage(JournalFileBackend(str(tmp_path / JOURNAL)))
    for rank in range(8):
        record(storage, f"regime_{rank}", lambda x, rank=rank: (rank, x), count=12, seed=rank)
    found = importances(tmp_path / JOURNAL)
    every = found[found["regime"] == EVERY].set_index(["metric", "parameter"])
    assert set(every.loc["gain"].index) == {"deciding", "idle", "regime"}
    assert (every["configurations"] == 96).all()
    assert every.loc["gain", "importance"].idxmax() == "regime"
    assert every.loc["loss", "importance"].idxmax() == "deciding"


def test_regimes_with_too_few_configurations_are_left_out(journal):
    assert set(importances(journal)["regime"]) == {"first", "second", EVERY}


def test_reading_changes_and_locks_nothing(journal):
    before = journal.read_bytes()
    (journal.parent / f"{JOURNAL}.lock").symlink_to(journal)
    importances(journal)
    assert journal.read_bytes() == before
    assert sorted(p.name for p in journal.parent.iterdir()) == [JOURNAL, f"{JOURNAL}.lock"]


def test_a_missing_journal_is_an_error_and_not_made(tmp_path):
    with pytest.raises(DataError, match=r"optuna.journal: no such file"):
        importances(tmp_path / JOURNAL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_damaged_journal_is_named_with_the_way_out(journal, way):
    way(journal)
    if way in {emptied, cut}:  # as of a launch that has just begun
        importances(journal)
        return
    with pytest.raises(
        DataError, match=r"optuna\.journal: .*(launch the study again|a folder lies)"
    ):
        importances(journal)
