"""Imported studies: the numbers of the study that their outputs come from; grown, never broken."""

import shutil

import numpy as np
import pandas as pd
import pytest

import harness
from harness.core.errors import InputError
from harness.results import trials
from harness.results.study_record import read_study_record
from harness.study.imported import write as module
from harness.study.merge import found_studies, merge_studies
from tests.study.imported.outputs import network, write, write_study

NOT_KNOWN = ["key", "study", "name", "configuration", "trials"]
"""Columns of what an import cannot know, or names in its own way."""


@pytest.fixture(scope="module")
def both(written, tmp_path_factory):
    """The real study and its import, with the tables of both."""
    counts = written.study.search.manifest.counts["train"]
    seeds = written.study.record.spec.seeds
    imported = harness.import_study(
        "again",
        written.outputs,
        tmp_path_factory.mktemp("imported"),
        baseline="joint",
        fresh=seeds,
        train_counts=counts,
    )
    imported.evaluate()
    return harness.load_study(written.study.folder), imported


def numbers(table):
    return table.drop(columns=NOT_KNOWN, errors="ignore").reset_index(drop=True)


@pytest.mark.parametrize("name", ["frontier.csv", "indices.csv", "classes.csv", "samples.parquet",
                                  "seeds.parquet", "hypervolumes.parquet",
                                  "confirmation/seeds.parquet",
                                  "confirmation/hypervolumes.parquet"])  # fmt: skip
def test_its_tables_are_those_of_the_study_that_was_trained(both, name):
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    trained, imported = (numbers(read(study.folder / name)) for study in both)
    if name == "classes.csv":  # whose names were not given
        trained, imported = (each.drop(columns="class") for each in (trained, imported))
    pd.testing.assert_frame_equal(imported, trained, check_exact=True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pairs": True},
        {"policies": "all"},
        {"policies": ["entropy"], "calibrated": True},
        {"selection": "risk_control"},
    ],
)
def test_it_compares_as_the_study_that_was_trained(both, options):
    trained, imported = (numbers(study.compare(**options).numbers) for study in both)
    pd.testing.assert_frame_equal(imported, trained, check_exact=True)


@pytest.mark.parametrize("goal", [{"cost": 0.5}, {"cost": 1.0}, {"accuracy": 0.3}])
def test_it_recommends_what_the_study_that_was_trained_does(both, goal):
    own = {"key", "parameters", "configuration"}
    left_out = {"chosen": own, "runner_up": own}
    trained, imported = (s.recommend(**goal).model_dump(exclude=left_out) for s in both)
    assert imported == trained


def test_its_objectives_and_reference_are_those_of_the_study_that_was_trained(both):
    trained, imported = (study.record for study in both)
    assert imported.reference == trained.reference
    assert [(c.number, c.regime, c.objectives) for c in imported.configurations] == [
        (c.number, c.regime, c.objectives) for c in trained.configurations
    ]


def test_its_report_is_written_and_claims_no_training(both):
    page = both[1].report().read_text()
    assert "trained elsewhere; its outputs were imported" in page
    assert "how they were found, and that nothing was chosen on these seeds, is not known" in page
    assert "searches: 10 in the study file" not in page


def test_its_trials_have_the_names_of_their_configurations_and_no_curve(both):
    table = both[1].trials
    assert set(table["name"]) == {"0", "1", "2", "3"}
    assert "train_seconds" not in table
    assert both[1].curves.empty
    key = table["key"][0]
    assert len(both[1].outputs(key, "test").labels)


def imported(tmp_path, **options):
    return harness.import_study("mine", tmp_path / "outputs", tmp_path, **options)


def contents(folder):
    """Every file of a folder but locks, with what it holds."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_seeds_that_are_not_called_fresh_are_searched(tmp_path):
    write_study(tmp_path / "outputs")
    study = imported(tmp_path)
    study.evaluate()
    assert study.state.fresh_seeds == "none"
    assert study.compare().sheets[0].title.endswith("over searched seeds (exploratory)")
    with pytest.raises(InputError, match=r"nothing is confirmed .*; import it with --fresh, which"):
        study.recommend(cost=0.5)


def test_seeds_that_are_fresh_are_tested(tmp_path):
    write_study(tmp_path / "outputs")
    study = imported(tmp_path, fresh="all", baseline="own_way")
    study.evaluate()
    table = study.compare().numbers
    assert table["fresh"].all()
    assert (table["seeds"] == 6).all()
    assert table["p"].notna().sum() == 1
    assert study.recommend(cost=0.9).chosen.seeds == 6
    assert len(trials.stored_keys(study.folder)) == 18


def test_some_seeds_are_searched_and_others_fresh(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    write_study(tmp_path / "outputs", seeds=(7, 8, 9))
    for seed in (0, 1):  # a baseline that was never searched
        (tmp_path / "outputs" / "own_way" / "a" / f"{seed}.npz").unlink()
    study = imported(tmp_path, fresh=[7, 8, 9])
    table = study.trials
    searched = table[~table["fresh"]]
    assert set(searched.loc[searched["regime"] == "joint", "seed"]) == {0, 1}
    assert set(searched.loc[searched["regime"] == "own_way", "seed"]) == {7, 8, 9}
    assert set(table.loc[table["fresh"], "seed"]) == {7, 8, 9}


def test_an_unchanged_folder_changes_nothing(tmp_path):
    write_study(tmp_path / "outputs")
    study = imported(tmp_path, fresh="all", description="As it is.")
    study.evaluate()
    before = contents(study.folder)
    again = imported(tmp_path)
    assert contents(again.folder) == before
    assert again.state.tables == "current"


def test_more_files_make_it_grow_and_its_tables_are_told_outdated(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    study = imported(tmp_path, fresh="all", baseline="own_way", classes=["x", "y", "z"])
    study.evaluate()
    before = contents(study.folder / "trials")
    more = tmp_path / "more"
    write(more, "third", "a", 0, exits=2)
    harness.import_study("mine", more, tmp_path)
    record = study.record
    assert set(record.spec.regimes) == {"joint", "own_way", "third"}
    assert (record.spec.baseline, record.manifest.classes) == ("own_way", ("x", "y", "z"))
    assert before.items() <= contents(study.folder / "trials").items()
    assert study.state.tables == "outdated"
    with pytest.raises(InputError, match=r"the tables are out of date: .*; run `harness frontier"):
        study.compare()
    study.evaluate()
    assert set(study.compare().numbers["regime"]) == {"joint", "own_way", "third"}


def test_other_outputs_of_the_same_network_are_refused_unless_replaced(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    study = imported(tmp_path, fresh="all")
    keys = set(study.trials["key"])  # keeps what it read
    before = contents(study.folder)
    write(tmp_path / "outputs", "joint", "b", 1, strength=3.0, exits=2)
    with pytest.raises(
        InputError, match=r"joint/b/1.npz: other outputs than .*mine holds of the sa"
    ):
        imported(tmp_path)
    assert contents(study.folder) == before
    imported(tmp_path, replace=True)
    now = set(study.trials["key"])
    assert len(now) == len(keys)
    assert len(keys - now) == 1
    assert set(trials.stored_keys(study.folder)) == now


def test_where_anything_is_wrong_nothing_is_there(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    write_labels = network()["test_labels"][::-1]
    write(tmp_path / "outputs", "zz", "a", 0, exits=2, test_labels=write_labels)
    with pytest.raises(InputError, match=r"test_labels of .* differ; all networks of a study"):
        imported(tmp_path)
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize("broken", ["write_study_record", "Scorer"])
def test_where_writing_fails_a_study_stays_as_it_was(tmp_path, monkeypatch, broken):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    study = imported(tmp_path, fresh="all")
    before = contents(study.folder / "trials")
    record = read_study_record(study.folder)

    def full(*_):
        raise OSError("the disk is full")

    place = module.study_record if broken == "write_study_record" else module
    monkeypatch.setattr(place, broken, full)
    write(tmp_path / "outputs", "third", "a", 0, exits=2)
    with pytest.raises(OSError, match="full"):
        imported(tmp_path)
    assert contents(study.folder / "trials") == before
    assert read_study_record(study.folder) == record
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["mine"]


def test_what_import_yaml_says_counts_unless_it_is_said_otherwise(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    (tmp_path / "outputs" / "import.yaml").write_text(
        "description: Six networks.\nbaseline: own_way\ndata: made-up\nfresh: all\n"
        "classes: [a, b, c]\ntrain_counts: [1, 5, 2]\n"
    )
    record = imported(tmp_path, baseline="joint").record
    assert record.spec.description == "Six networks."
    assert record.spec.baseline == "joint"
    assert record.manifest.provenance == "made-up (imported outputs)"
    counts = np.bincount(network(exits=2)["validation_labels"])
    assert record.reference.score == counts[1] / counts.sum()
    assert imported(tmp_path).record.manifest.counts["train"] == (1, 5, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baseline": "none"}, r"baseline: none is not one of the regimes \(joint, own_way\)"),
        ({"fresh": [0, 17]}, "fresh: no network has the seed 17; there are 0, 1"),
        ({"fresh": "some"}, "import: fresh: "),
        ({"classes": ["a", "b"]}, "classes: one per class, 3, is wanted, found 2"),
        ({"train_counts": [1, 2, 3, 4]}, "train_counts: one per class, 3, is wanted, found 4"),
        ({"train_counts": [1, -2, 3]}, "import: train_counts"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(tmp_path, options, message):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    with pytest.raises(InputError, match=message):
        imported(tmp_path, **options)
    assert not (tmp_path / "results" / "mine").exists()


@pytest.mark.parametrize("name", ["../out", "", "a b", "mlflow.db", "x.yaml", "con"])
def test_a_name_that_no_study_may_have_is_refused(tmp_path, name):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    with pytest.raises(InputError, match="import: name"):
        harness.import_study(name, tmp_path / "outputs", tmp_path)
    assert not (tmp_path / "results").exists()


def test_a_study_that_was_launched_and_other_samples_are_not_mixed(tmp_path, written):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    shutil.copytree(written.study.folder, tmp_path / "results" / "mine")
    with pytest.raises(InputError, match="mine: a study that was launched; import under another n"):
        imported(tmp_path)
    harness.import_study("other", tmp_path / "outputs", tmp_path)
    with pytest.raises(
        InputError, match=r"evaluated on other samples .*; import under another name"
    ):
        harness.import_study("other", written.outputs, tmp_path)
    (tmp_path / "results" / "empty").mkdir()
    with pytest.raises(InputError, match="empty: exists and holds no study"):
        harness.import_study("empty", tmp_path / "outputs", tmp_path)


def test_a_damaged_trial_says_how_it_is_made_again(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    study = imported(tmp_path)
    key = study.trials["key"][0]
    (trials.trial_folder(study.folder, key) / "outputs.npz").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"delete .*mine and `harness import mine` its outputs again"
    ):
        study.outputs(key)


def test_a_colleague_s_imported_study_is_not_merged_but_imported(tmp_path):
    write_study(tmp_path / "outputs", seeds=(0, 1))
    theirs = imported(tmp_path)
    with pytest.raises(
        InputError, match="mine: a study that was imported; `harness import` its out"
    ):
        merge_studies(tmp_path / "ours", found_studies(theirs.folder), False, lambda _: None)
    assert not (tmp_path / "ours").exists()
