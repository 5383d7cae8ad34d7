"""What is kept of trials between two runs of the frontier stage, on made-up trials."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from harness.analysis import trial_tables as module
from harness.analysis.evaluation import of_study
from harness.analysis.frontier_stage import write_frontier
from harness.analysis.frontiers import validation_points
from harness.analysis.trial_tables import FOLDER, trial_tables
from harness.core.errors import DataError
from harness.results import study_record, trials
from harness.results.sealed import read_test

TABLES = ("points", "facts", "weights")


@pytest.fixture
def record(folder):
    return study_record.read_study_record(folder)


@pytest.fixture
def read(monkeypatch):
    """Keys of the trials whose outputs were read since the list was cleared."""
    keys, own = [], trials.read_trial

    def noted(study_folder, key):
        keys.append(key)
        return own(study_folder, key)

    monkeypatch.setattr(module.trials, "read_trial", noted)
    return keys


def assert_same(found, expected):
    for name in TABLES:
        one, other = getattr(found, name), getattr(expected, name)
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def keys_of(record):
    return [key for each in record.succeeded() for key in each.keys]


def test_points_are_those_of_every_trial_read_anew(folder, record):
    found = trial_tables(folder, record)
    expected = validation_points(folder, record, of_study(record))
    pd.testing.assert_frame_equal(found.points, expected, check_exact=True)
    pd.testing.assert_frame_equal(trial_tables(folder, record).points, expected, check_exact=True)


def test_facts_and_weights_are_those_of_the_curves(folder, record):
    key = keys_of(record)[0]
    result, test = trials.read_trial(folder, key), read_test(folder, key)
    curve = pd.DataFrame(
        {
            "validation_accuracy_exit_1": np.linspace(0.4, 0.6, 20),
            "validation_accuracy_exit_2": np.full(20, 0.7),
            "mean_weight_exit_1": np.full(20, 1.0),
            "mean_weight_exit_2": np.linspace(1.0, 0.0, 20),
        }
    )
    trials.keep_only(folder, set(keys_of(record)) - {key})
    trials.write_trial(folder, dataclasses.replace(result, curve=curve), {}, test)
    found = trial_tables(folder, record)
    facts = found.facts.set_index("key").loc[key]
    assert (facts["seed"], facts["epochs"], facts["full_macs"]) == (0, 20, 90)
    assert (facts["last_exit_1"], facts["last_exit_2"]) == (0.6, 0.7)
    assert facts["rising"]
    assert facts["rise"] == pytest.approx(0.5 * 4 * 0.2 / 19)  # the other exit stays
    own = found.weights[found.weights["key"] == key]
    assert own["epoch"].tolist() == list(range(1, 21))
    assert own["exit_2"].tolist() == curve["mean_weight_exit_2"].tolist()


def test_a_trial_is_read_once_and_again_when_its_folder_changes(folder, record, read):
    first = trial_tables(folder, record)
    assert read == keys_of(record)
    read.clear()
    assert_same(trial_tables(folder, record), first)
    assert read == []
    changed = keys_of(record)[2]
    path = trials.trial_folder(folder, changed) / trials.FACTS
    path.write_text(path.read_text().replace('"seconds": 1.0', '"seconds": 2.0'))
    found = trial_tables(folder, record)
    assert read == [changed]
    assert found.facts["train_seconds"].tolist() == [1.0, 1.0, 2.0, 1.0, 1.0, 1.0]
    assert_same(dataclasses.replace(found, facts=first.facts), first)


def test_a_study_that_grows_or_is_renumbered_keeps_what_it_has(folder, record, read):
    every = record.configurations
    fewer = record.model_copy(update={"configurations": every[2:]})
    trial_tables(folder, fewer)
    read.clear()
    found = trial_tables(folder, record)
    assert read == keys_of(record)[:2]
    (folder / FOLDER).rename(folder / "elsewhere")
    assert_same(found, trial_tables(folder, record))
    last = every[1].model_copy(update={"number": 7})
    moved = record.model_copy(update={"configurations": (every[0], *every[2:], last)})
    read.clear()
    found = trial_tables(folder, moved)
    assert read == list(last.keys)
    assert found.facts["key"].tolist() == keys_of(moved)


@pytest.mark.parametrize("name", ["points.parquet", "facts.parquet", "index.json"])
def test_damaged_tables_are_made_again(folder, record, read, name):
    first = trial_tables(folder, record)
    path = folder / FOLDER / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    read.clear()
    assert_same(trial_tables(folder, record), first)
    assert read == keys_of(record)


def test_other_code_or_another_policy_reads_all_again(folder, record, read, monkeypatch):
    trial_tables(folder, record)
    read.clear()
    monkeypatch.setattr(module, "stage_code", lambda _: "other")
    trial_tables(folder, record)
    assert read == keys_of(record)
    read.clear()
    spec = record.spec.model_copy(
        update={"policy": record.spec.policy.model_copy(update={"name": "entropy"})}
    )
    trial_tables(folder, record.model_copy(update={"spec": spec}))
    assert read == keys_of(record)


def test_a_trial_that_is_damaged_since_is_named(folder, record):
    write_frontier(folder)
    key = keys_of(record)[1]
    path = trials.trial_folder(folder, key) / trials.OUTPUTS
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=rf"{key}/outputs\.npz: not readable"):
        write_frontier(folder)
