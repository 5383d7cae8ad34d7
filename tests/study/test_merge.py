"""Two people search one study, each a part of it; merged and launched it is as if one had."""

import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from harness.core.errors import DataError, InputError
from harness.core.project import Project
from harness.data.load import ensure
from harness.results import study_record, trials
from harness.results.confirmation import confirmation_folder
from harness.results.failures import Failure, FailureFacts, write_failure
from harness.results.launch_lock import only_launch
from harness.study.interrupt import Stopped
from harness.study.merge import count_results, found_studies, merge_studies
from harness.study.run import LaunchOptions, run_study
from harness.study.study_file import read_study
from harness.study.sync import sync_study
from harness.tracking.store import Store
from tests.conftest import make_project, with_tables
from tests.damage import cut, garbled
from tests.in_process import InProcess

STUDY = """
name: tiny
description: A study for tests.
expected_duration: seconds
split: digits
backbone: {name: image_cnn, parameters: {widths: [4, 8], exits: 2, pool: 2}}
training: {epochs: 1, batch_size: 256, learning_rate: {min: 0.002, max: 0.05}}
regimes: {joint: {}, hard_cgt: {tau: {min: 0.5, max: 0.9}}, single_exit: {}}
startup: 1
window: 2
seeds: [0]
run_cap: 16
"""
NAMES = ("early", "late", "whole")


def launch(project, stop_after=None):
    """Launch the study in this process; it is interrupted once so many trials are done."""

    def watch(progress):
        if stop_after is not None and progress.done >= stop_after:
            raise Stopped(signal.SIGINT)

    file = project.studies / "tiny.yaml"
    file.write_text(STUDY)
    study = read_study(file)
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.study.run.Loky", InProcess)
        return run_study(project, study, manifest, LaunchOptions(), store, watch)


@pytest.fixture(scope="module")
def made(tmp_path_factory, mlflow_tables):
    """One study, stopped early, stopped late, and undisturbed, each in a project of its own."""
    root = tmp_path_factory.mktemp("merge")
    projects = [with_tables(make_project(root / name), mlflow_tables) for name in NAMES]
    for project, stop_after in zip(projects, (5, 10, None), strict=True):
        launch(project, stop_after)
    return root


@pytest.fixture
def copies(made, tmp_path):
    """The three projects, to be changed."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return [Project(tmp_path / name) for name in NAMES]


def merge(project, path, dry_run=False):
    return merge_studies(project.results, found_studies(Path(path)), dry_run, lambda _: None)


def contents(folder):
    """All files of a folder and below, but locks."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def refused(project, path, message, error=InputError):
    """The merge is refused with a message, and nothing was taken in."""
    before = contents(project.results)
    with pytest.raises(error, match=message):
        merge(project, path)
    assert contents(project.results) == before


@pytest.mark.parametrize("into", [0, 1])
def test_halves_merged_and_launched_are_the_undisturbed_study(copies, into, caplog):
    halves, whole = copies[:2], copies[2]
    target, other = halves[into], halves[1 - into]
    before = study_record.read_study_record(target.results / "tiny")
    theirs = study_record.read_study_record(other.results / "tiny")
    assert {before.state, theirs.state} == {"interrupted"}
    lengths = (len(before.configurations), len(theirs.configurations))
    assert min(lengths) < max(lengths) < 12

    here = set(trials.stored_keys(target.results / "tiny"))
    there = set(trials.stored_keys(other.results / "tiny"))
    (done,) = merge(target, other.results)
    assert {each.key for each in done.results} == there - here
    assert done.known == len(there & here) > 0
    assert done.configurations == max(0, lengths[1] - lengths[0])
    merged = study_record.read_study_record(target.results / "tiny")
    assert merged.configurations == max(before.configurations, theirs.configurations, key=len)
    assert (merged.state, merged.spec) == ("interrupted", before.spec)
    assert set(trials.stored_keys(target.results / "tiny")) == here | there

    stamps = {k: trial_stamp(target, k) for k in here | there}
    launch(target)
    assert "missing or damaged: training" not in caplog.text
    assert {k: trial_stamp(target, k) for k in stamps} == stamps  # none was trained again
    found, expected = (
        study_record.read_study_record(project.results / "tiny") for project in (target, whole)
    )
    assert found == expected
    for key in trials.stored_keys(whole.results / "tiny"):
        for name in ("outputs.npz", "test.npz", "weights.npz"):
            own, undisturbed = (
                trials.trial_folder(project.results / "tiny", key) / name
                for project in (target, whole)
            )
            assert own.read_bytes() == undisturbed.read_bytes()


def trial_stamp(project, key):
    path = trials.trial_folder(project.results / "tiny", key) / "trial.json"
    return path.stat().st_mtime_ns


def test_a_study_that_is_not_here_is_taken_in_whole_and_synced(copies, mlflow_tables, tmp_path):
    theirs = copies[1].results / "tiny"
    empty = with_tables(make_project(tmp_path / "empty"), mlflow_tables)
    (dry,) = merge(empty, theirs, dry_run=True)
    assert not (empty.results / "tiny").exists()
    (done,) = merge(empty, theirs)
    assert done == dry
    folder = empty.results / "tiny"
    assert study_record.read_study_record(folder) == study_record.read_study_record(theirs)
    assert trials.stored_keys(folder) == trials.stored_keys(theirs)
    recorded = study_record.read_study_record(folder).configurations
    logged = sync_study(folder, Store(empty.tracking_uri, empty.artifacts)).logged
    assert logged == len({key for each in recorded for key in each.keys})
    launch(empty)
    undisturbed = study_record.read_study_record(copies[2].results / "tiny")
    assert study_record.read_study_record(folder).configurations == undisturbed.configurations


def test_a_second_merge_takes_nothing(copies):
    early, late = copies[:2]
    merge(early, late.results)
    before = contents(early.results)
    steps = []
    studies = found_studies(late.results)
    (again,) = merge_studies(early.results, studies, False, steps.append)
    assert (again.record, again.results, again.configurations) == (None, (), 0)
    assert again.known == len(steps) == count_results(studies)
    assert contents(early.results) == before


def test_files_that_harness_does_not_write_are_not_taken(copies):
    early, late = copies[:2]
    key = (set(keys_of(late)) - set(keys_of(early))).pop()
    folder = trials.trial_folder(late.results / "tiny", key)
    (folder / "run-me.sh").write_text("echo")
    (late.results / "tiny" / "frontier.csv").write_text("a table\n")
    merge(early, late.results)
    taken = trials.trial_folder(early.results / "tiny", key)
    assert {path.name for path in taken.iterdir()} == set(trials.FILES)
    assert not (early.results / "tiny" / "frontier.csv").exists()


def keys_of(project):
    return trials.stored_keys(project.results / "tiny")


def changed_array(path):
    """One number of one array is another."""
    with np.load(path) as archive:
        arrays = dict(archive)
    first = next(iter(arrays))
    arrays[first] = arrays[first].copy()
    arrays[first].flat[0] += 1
    np.savez(path, allow_pickle=False, **arrays)


@pytest.mark.parametrize("name", ["outputs.npz", "test.npz", "weights.npz"])
def test_a_trial_that_both_have_and_that_differs_is_a_conflict(copies, name):
    early, late = copies[:2]
    key = keys_of(early)[0]
    changed_array(trials.trial_folder(late.results / "tiny", key) / name)
    refused(early, late.results, rf"late.*{key}: {name} is not that of this trial in .*early")


def test_seconds_and_versions_may_differ(copies):
    early, late = copies[:2]
    path = trials.trial_folder(late.results / "tiny", keys_of(early)[0]) / "trial.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, "seconds": 99.0, "versions": {"torch": "other"}}))
    (done,) = merge(early, late.results)
    assert done.results


def test_a_trial_that_diverged_there_and_not_here_is_a_conflict(copies):
    early, late = copies[:2]
    key, folder = keys_of(early)[0], late.results / "tiny"
    result = trials.read_trial(folder, key)
    shutil.rmtree(trials.trial_folder(folder, key))
    facts = FailureFacts(spec=result.spec, reason="not finite", seconds=1.0, versions={})
    write_failure(folder, Failure(facts, result.curve))
    refused(early, late.results, rf"failures/{key}: its end is not that of this trial")


def test_failures_are_taken_in_by_key(copies):
    early, late = copies[:2]
    lost = keys_of(late)[0]
    spec = trials.read_trial(late.results / "tiny", lost).spec
    facts = FailureFacts(spec=spec, reason="not finite", seconds=1.0, versions={})
    shutil.rmtree(trials.trial_folder(late.results / "tiny", lost))
    shutil.rmtree(trials.trial_folder(early.results / "tiny", lost), ignore_errors=True)
    curve = trials.read_trial(late.results / "tiny", keys_of(late)[0]).curve
    write_failure(late.results / "tiny", Failure(facts, curve))
    (done,) = merge(early, late.results)
    assert ("failures", lost) in {(each.kind, each.key) for each in done.results}
    assert (early.results / "tiny" / "failures" / lost / "curve.csv").is_file()
    facts = facts.model_copy(update={"reason": "another"})
    shutil.rmtree(late.results / "tiny" / "failures")
    write_failure(late.results / "tiny", Failure(facts, curve))
    refused(early, late.results, "failure.json is not that of this trial")


@pytest.mark.parametrize("damage", [cut, garbled, Path.unlink])
@pytest.mark.parametrize("name", ["trial.json", "weights.npz", "test.npz"])
def test_a_damaged_trial_is_refused(copies, damage, name):
    early, late = copies[:2]
    key = (set(keys_of(late)) - set(keys_of(early))).pop()
    damage(trials.trial_folder(late.results / "tiny", key) / name)
    refused(early, late.results, rf"{key}/{name}: .*the copy is not whole", DataError)


def test_another_trial_under_a_key_is_refused(copies):
    early, late = copies[:2]
    folder = late.results / "tiny" / "trials"
    (folder / keys_of(late)[0]).rename(folder / ("0" * 16))
    refused(early, late.results, "its key is .*, the folder is named 0000000000000000")


def test_another_study_of_the_name_is_refused_with_what_differs(copies):
    early, late = copies[:2]
    path = late.results / "tiny" / study_record.RECORD
    plain = json.loads(path.read_text())
    plain["spec"]["window"] = 5
    path.write_text(json.dumps(plain))
    refused(early, late.results, r"(?s)another study than .*-window: 2\n\+window: 5")
    plain["sources"]["regime joint"] = "other"
    path.write_text(json.dumps(plain))
    shutil.rmtree(early.results / "tiny")
    refused(early, late.results, r"(?s)searched by other code .*regime joint: other")


def test_a_record_that_contradicts_ours_is_refused(copies):
    early, late = copies[:2]
    path = late.results / "tiny" / study_record.CONFIGURATIONS
    lines = path.read_text().splitlines(keepends=True)
    first = json.loads(lines[0])
    first["objectives"][0] += 0.25
    path.write_text("".join([json.dumps(first) + "\n", *lines[1:]]))
    refused(early, late.results, "configuration 0 is not that of")
    refused(late, early.results, "configuration 0 is not that of")


@pytest.mark.parametrize(
    ("field", "value"),
    [("keys", ["../../../elsewhere"]), ("keys", ["0" * 16]), ("regime", "mixed")],
)
def test_a_configuration_that_is_not_of_the_study_is_refused(copies, field, value):
    early, late = copies[:2]
    path = late.results / "tiny" / study_record.CONFIGURATIONS
    *lines, last = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, json.dumps({**json.loads(last), field: value}) + "\n"]))
    refused(early, late.results, "configuration . (is not of this study|was recorded with the tri)")


@pytest.mark.parametrize(
    "linked",
    ["", "trials", "study.json", "configurations.jsonl", ".lock", "trials/{key}",
     "trials/{key}/weights.npz", "trials/{key}/trial.json", "failures", "confirmation"],
)  # fmt: skip
def test_no_link_is_followed(copies, linked):
    early, late = copies[:2]
    key = (set(keys_of(late)) - set(keys_of(early))).pop()
    path = late.results / "tiny" / linked.format(key=key)
    elsewhere = late.root / "elsewhere"
    if path.exists():
        path.rename(elsewhere)
    else:
        elsewhere.mkdir()
    path.symlink_to(elsewhere, target_is_directory=elsewhere.is_dir())
    refused(early, late.results, "a symbolic link")


def test_a_pipe_is_not_waited_for(copies):
    early, late = copies[:2]
    key = (set(keys_of(late)) - set(keys_of(early))).pop()
    path = trials.trial_folder(late.results / "tiny", key) / "test.npz"
    path.unlink()
    os.mkfifo(path)
    refused(early, late.results, "no plain file")


def test_names_that_are_no_keys_are_refused(copies):
    early, late = copies[:2]
    (late.results / "tiny" / "trials" / "notes").mkdir()
    refused(early, late.results, "notes: the folder of a trial is named by its key")


def test_nothing_of_several_studies_is_taken_where_one_is_refused(copies):
    early, late = copies[:2]
    other = shutil.copytree(late.results / "tiny", late.results / "another")
    plain = json.loads((other / study_record.RECORD).read_text())
    refused(early, late.results, "two folders of one study")
    plain["spec"]["name"] = "another"
    (other / study_record.RECORD).write_text(json.dumps(plain))
    changed_array(trials.trial_folder(late.results / "tiny", keys_of(early)[0]) / "weights.npz")
    refused(early, late.results, "weights.npz is not that of")
    assert not (early.results / "another").exists()


def test_what_is_no_results_folder_is_named(copies, tmp_path):
    early = copies[0]
    refused(early, tmp_path / "none", "no such folder")
    refused(early, early.studies, "no study in it")
    refused(early, early.results, "is the same folder")
    early.results.joinpath("tiny").rename(early.root / "tiny")
    early.results.joinpath("tiny").symlink_to(early.root / "tiny", target_is_directory=True)
    refused(early, copies[1].results, "a symbolic link")


def test_a_study_that_is_launched_here_is_left_alone(copies):
    early, late = copies[:2]
    with only_launch(early.results / "tiny"):
        refused(early, late.results, "another launch of this study is running")


def test_a_confirmation_comes_with_its_study(confirmed_study, tmp_path):
    project = make_project(tmp_path / "other")
    merges = merge(project, confirmed_study.project.results)
    assert [each.name for each in merges] == ["tiny", "tiny/confirmation"]
    folder, theirs = project.results / "tiny", confirmed_study.folder
    inner = confirmation_folder(folder)
    assert study_record.read_study_record(inner) == study_record.read_study_record(
        confirmation_folder(theirs)
    ).model_copy(update={"superseded": True})
    assert trials.stored_keys(inner) == trials.stored_keys(confirmation_folder(theirs))
    refused(project, confirmation_folder(theirs), "the folder of a confirmation; name its study's")
    # Of an equal plan the longer record stays, and trials that are missing come by key.
    gone = trials.stored_keys(inner)[0]
    shutil.rmtree(trials.trial_folder(inner, gone))
    search, fresh = merge(project, theirs)
    assert (search.results, [each.key for each in fresh.results]) == ((), [gone])


def test_the_confirmation_of_another_state_of_the_search_gives_its_trials_alone(
    confirmed_study, tmp_path
):
    project = make_project(tmp_path / "other")
    theirs = shutil.copytree(confirmed_study.folder, tmp_path / "theirs" / "tiny")
    record = study_record.read_study_record(confirmation_folder(theirs))
    fresh = record.fresh.model_copy(update={"searched": "of another state"})
    study_record.write_study_record(
        confirmation_folder(theirs), record.model_copy(update={"fresh": fresh})
    )
    _, inner = merge(project, theirs)
    assert (inner.record, inner.configurations) == (None, 0)
    folder = confirmation_folder(project.results / "tiny")
    assert len(trials.stored_keys(folder)) == len(inner.results) > 0
    assert not (folder / study_record.RECORD).exists()
