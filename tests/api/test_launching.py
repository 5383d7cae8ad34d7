"""Studies launched from Python."""

import shutil
import signal
import threading

import numpy as np
import pytest
import yaml

import harness
from harness.core.errors import HarnessError, InputError
from harness.core.project import Project
from harness.scaffold.new_file import new_file
from harness.study.run import LaunchOutcome
from tests.confirmed import STUDY
from tests.in_process import InProcess
from tests.made_up import MANIFEST
from tests.records import record_of


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)


@pytest.fixture
def root(tracked):
    return tracked.root


@pytest.mark.usefixtures("in_process")
def test_a_mapping_is_launched_confirmed_and_found_again(root):
    seen = []
    plain = {**yaml.safe_load(STUDY), "name": "from-python"}
    changes = {"training.epochs": 2, "confirm.seeds": 2}
    found = harness.launch(
        plain, device="cpu", project=root, changes=changes, confirm=True, progress=seen.append
    )
    assert found == harness.load_study("from-python", root)
    assert found.record.spec.training["epochs"] == 2
    assert (found.state.state, found.state.fresh_seeds) == ("done", "done")
    assert max(each.done for each in seen) >= 4
    assert plain["training"]["epochs"] == 3  # what was given is not changed
    found.evaluate()
    assert found.recommend(cost=1.0).chosen.regime in {"joint", "mixed"}


@pytest.mark.usefixtures("in_process")
def test_a_file_is_launched_like_by_the_command(root):
    file = root / "studies" / "tiny.yaml"
    file.write_text(STUDY)
    found = harness.launch(file, device="cpu", project=root, trials=2)
    assert len(found.trials) == 2
    again = harness.launch(file, device="cpu", project=root, trials=2)
    assert again.trials.equals(found.trials)  # nothing is trained again


@pytest.mark.parametrize(
    ("study", "options", "message"),
    [
        ({"name": "x"}, {}, "^study: split: Field required"),
        ("none.yaml", {}, "none.yaml: no such study file"),
        (["x"], {}, "^study: a study file is a mapping, found list"),
        (yaml.safe_load(STUDY), {"changes": {"method": "x"}}, "method: Input should be"),
        (yaml.safe_load(STUDY), {"changes": {"split": "none"}}, "no split 'none'; known: "),
        (yaml.safe_load(STUDY), {"device": "none"}, "--device none: allowed are auto"),
        (yaml.safe_load(STUDY), {"workers": 99}, "--workers 99: the study"),
        (yaml.safe_load(STUDY), {"storage": "mysql://x"}, "postgresql"),
        (yaml.safe_load(STUDY), {"workers": 2, "cluster": {}}, "with a cluster, its profile says"),
    ],
)
def test_bad_input_is_refused(root, study, options, message):
    with pytest.raises(InputError, match=message):
        harness.launch(study, project=root, **options)


def test_what_was_not_trained_is_an_error(root, monkeypatch):
    record = record_of(MANIFEST)
    outcome = LaunchOutcome(record, None, errors=("trial a: the disk is full",))
    monkeypatch.setattr("harness.study.run.run_study", lambda *_: outcome)
    with pytest.raises(HarnessError, match="no other is trained again: trial a: the disk is full"):
        harness.launch(yaml.safe_load(STUDY), device="cpu", project=root)


@pytest.mark.usefixtures("in_process")
def test_a_signal_stops_it_and_it_goes_on(root):
    def stop(progress):
        if progress.done == 1 and threading.current_thread() is threading.main_thread():
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        harness.launch(yaml.safe_load(STUDY), device="cpu", project=root, progress=stop)
    assert harness.load_study("tiny", root).state.state == "interrupted"
    found = harness.launch(yaml.safe_load(STUDY), device="cpu", project=root)
    assert found.state.state == "done"


@pytest.mark.usefixtures("in_process", "use")
def test_plugins_of_the_project_are_known_and_read_anew(root):
    project = Project(root)
    regime = new_file(project, "regime", "mine")
    plain = {**yaml.safe_load(STUDY), "name": "own", "regimes": {"joint": {}, "mine": {}}}
    options = {"device": "cpu", "project": root, "trials": 2}
    first = harness.launch(plain, **options).record
    assert [c.regime for c in first.configurations] == ["joint", "mine"]
    regime.write_text(regime.read_text().replace("= 0.5", "= 0.25"))
    with pytest.raises(InputError, match="-code of regime mine: "):
        harness.launch(plain, **options)
    again = harness.launch(plain, restart=True, **options).record
    joint, mine = (
        [[c.keys for c in record.configurations if c.regime == name] for record in (first, again)]
        for name in ("joint", "mine")
    )
    assert joint[0] == joint[1]
    assert mine[0] != mine[1]


@pytest.mark.job
@pytest.mark.usefixtures("use")
def test_dask_workers_train_plugins_of_the_project_as_this_process_does(root, tmp_path):
    new_file(Project(root), "regime", "mine")
    plain = {**yaml.safe_load(STUDY), "regimes": {"joint": {}, "mine": {}}}
    profile = tmp_path / "cluster.yaml"
    profile.write_text("cluster: {kind: local, workers: 2}")
    there = harness.launch(plain, project=root, trials=2, cluster=profile)
    outputs = {key: there.outputs(key).values for key in there.trials["key"]}
    shutil.rmtree(there.folder)
    mapping = yaml.safe_load(profile.read_text())
    with pytest.raises(InputError, match=r"^cluster: "):
        harness.launch(plain, project=root, cluster={**mapping, "workers": 3})
    here = harness.launch(plain, project=root, trials=2, device="cpu")
    assert set(here.trials["regime"]) == {"joint", "mine"}
    for key, values in outputs.items():
        np.testing.assert_array_equal(here.outputs(key).values, values)
