"""A real study as an object: what it gives is what the commands write and print."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

import harness
from harness.core.errors import InputError
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.tables import records


@pytest.fixture(scope="module")
def study(confirmed_study):
    return harness.load_study("tiny", confirmed_study.project.root)


def test_it_is_found_by_name_by_file_and_by_folder(study, confirmed_study):
    file = confirmed_study.project.studies / "tiny.yaml"
    assert harness.load_study(str(file), confirmed_study.project.root) == study
    by_folder = harness.load_study(confirmed_study.folder)
    assert by_folder.folder == study.folder
    assert by_folder.project.root.resolve() == study.project.root.resolve()
    assert study.name == "tiny"


def test_one_that_is_not_there_lists_those_that_are(confirmed_study):
    with pytest.raises(InputError, match=r"^none: no such study in .*results; known: tiny\."):
        harness.load_study("none", confirmed_study.project.root)


def test_it_is_frozen(study):
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.folder = study.folder.parent


def test_its_state_is_that_of_the_command(study, in_confirmed, command):
    (row,) = json.loads(command("status", "tiny", "--json").stdout)["studies"]
    row.pop("versions")
    assert dataclasses.asdict(study.state) == row
    assert (study.state.tables, study.state.fresh_seeds) == ("current", "done")
    assert in_confirmed.folder.is_dir()


def test_trials_are_those_of_the_search_and_of_the_confirmation(study, confirmed_study):
    table = study.trials
    written = pd.read_parquet(confirmed_study.folder / "trials.parquet")
    searched = table[~table["fresh"]].drop(columns="fresh").reset_index(drop=True)
    pd.testing.assert_frame_equal(searched[list(written)], written)
    fresh = [key for c in confirmed_study.record.configurations for key in c.keys]
    assert sorted(table.loc[table["fresh"], "key"]) == sorted(fresh)


def test_the_frontier_is_the_table_that_was_written(study, confirmed_study):
    written = pd.read_csv(confirmed_study.folder / "frontier.csv")
    pd.testing.assert_frame_equal(study.frontier, written, check_dtype=False)
    fresh = pd.read_parquet(confirmed_study.folder / "confirmation" / "seeds.parquet")
    pd.testing.assert_frame_equal(study.seeds, fresh)


def test_curves_hold_every_epoch(study):
    curves = study.curves
    assert set(curves.groupby("key").size()) == {3}
    assert set(curves["key"]) == set(study.trials["key"])
    assert curves["epoch"].tolist()[:3] == [1, 2, 3]
    last = curves[curves["epoch"] == 3].set_index("key")["validation_accuracy_exit_1"]
    told = study.trials.set_index("key")["validation_accuracy_exit_1"]
    pd.testing.assert_series_equal(last.sort_index(), told.sort_index())


def test_outputs_are_those_stored_of_either_seeds(study, confirmed_study):
    for folder, key in (
        (confirmed_study.folder, confirmed_study.search.configurations[0].keys[0]),
        (confirmed_study.folder / "confirmation", confirmed_study.record.configurations[0].keys[0]),
    ):
        found = study.outputs(key)
        stored = trials.read_trial(folder, key).validation
        np.testing.assert_array_equal(found.values, stored.values)
        np.testing.assert_array_equal(found.labels, stored.labels)
        assert stored.values.shape == (2, len(found.labels), 10)  # noqa: PD011
        np.testing.assert_array_equal(
            study.outputs(key, "test").values, read_test(folder, key).values
        )


def test_test_outputs_are_given_only_once_thresholds_are_chosen(confirmed_study, tmp_path):
    import shutil

    folder = tmp_path / "results" / "tiny"
    shutil.copytree(confirmed_study.folder, folder)
    (folder / "tables.json").unlink()
    study = harness.load_study("tiny", tmp_path)
    key = study.trials["key"][0]
    with pytest.raises(InputError, match=r"once thresholds are chosen .* `harness frontier tiny`"):
        study.outputs(key, "test")
    study.evaluate()
    assert len(study.outputs(key, "test").labels)


@pytest.mark.parametrize(
    ("key", "part", "message"),
    [
        ("none", "validation", "trial 'none': none of this key in "),
        (None, "train", "part 'train': allowed are validation, calibration, test"),
    ],
)
def test_outputs_that_are_not_there(study, key, part, message):
    with pytest.raises(InputError, match=message):
        study.outputs(key or study.trials["key"][0], part)


def test_the_calibration_part_where_there_is_one(study, folder):
    key = study.trials["key"][0]
    assert len(study.outputs(key, "calibration").labels)
    other = harness.load_study(folder)
    with pytest.raises(InputError, match="its split has no calibration part"):
        other.outputs(other.trials["key"][0], "calibration")


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, []),
        ({"pairs": True}, ["--pairs"]),
        ({"policies": ["margin", "entropy"]}, ["--policies", "margin,entropy"]),
        ({"selection": "budgeted", "cost": "parameters"},
         ["--selection", "budgeted", "--cost", "parameters"]),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("in_confirmed")
def test_it_compares_as_the_command_does(study, command, options, arguments):
    printed = json.loads(command("compare", "tiny", *arguments, "--json").stdout)
    found = study.compare(**options).numbers
    assert records(found) == printed


def test_several_studies_are_compared_by_their_ranks(study):
    both = harness.compare([study, study.folder], study.project.root).numbers
    assert len(both) == 2  # the same study twice is one
    assert (
        harness.compare(["tiny"], study.project.root, policies="all").numbers["policy"].nunique()
        > 5
    )


@pytest.mark.usefixtures("in_confirmed")
def test_it_recommends_what_the_command_does(study, command):
    said = json.loads(command("recommend", "tiny", "--cost", "0.8", "--json").stdout)
    assert study.recommend(cost=0.8).model_dump(mode="json") == said
    with pytest.raises(InputError, match="give either --cost or --accuracy"):
        study.recommend()
    with pytest.raises(InputError, match="--device: goes with latency or throughput"):
        study.recommend(cost=0.8, device="cpu")


def test_the_frontiers_are_an_interactive_figure(study):
    figure = study.figure("frontiers")
    assert {trace.legendgroup for trace in figure.data} == {"joint", "mixed"}
    assert figure.layout.title.text == "tiny: accuracy against cost"
    assert json.loads(figure.to_json())["data"]


def test_other_figures_are_those_of_the_report(study):
    assert study.figure("routing").axes
    with pytest.raises(InputError, match="figure 'none': none of study tiny; known: frontiers, p"):
        study.figure("none")


def test_the_report_is_written(study):
    steps = []
    page = study.report(steps.append)
    assert page == study.folder / "report.html"
    assert page.read_text().count("<html") == 1
    assert len(steps) == 4
