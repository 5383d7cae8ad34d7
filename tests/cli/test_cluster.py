"""Options of clusters, and what they make of a profile's file."""

import pytest

from harness.cli.cluster import ClusterOptions, profile_of
from harness.core.errors import InputError
from harness.study.executors.profile import LocalWorkers, SlurmWorkers


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("{scheduler: 'tcp://10.0.0.4:8786', device: cuda, resources: {GPU: 1}}")
    return path


def test_this_machine_is_the_default():
    assert profile_of(ClusterOptions(), None, "auto") is None
    assert profile_of(ClusterOptions(executor="loky"), 2, "cpu") is None


def test_dask_without_more_is_this_machine_too():
    profile = profile_of(ClusterOptions(executor="dask"), 3, "auto")
    assert profile.cluster == LocalWorkers(workers=3)
    assert profile.shares_files


def test_options_go_before_the_file(file):
    profile = profile_of(ClusterOptions(profile=file), None, "auto")
    assert (profile.scheduler, profile.device) == ("tcp://10.0.0.4:8786", "cuda")
    asked = ClusterOptions(profile=file, scheduler="tcp://127.0.0.1:1", shared=True)
    profile = profile_of(asked, 5, "cpu")
    found = (profile.scheduler, profile.device, profile.workers, profile.shares_files)
    assert found == ("tcp://127.0.0.1:1", "cpu", 5, True)
    profile = profile_of(ClusterOptions(profile=file, cluster="local:2"), None, "auto")
    assert (profile.scheduler, profile.cluster) == (None, LocalWorkers(workers=2))
    assert profile.resources == {"GPU": 1}
    file.write_text("{cluster: {kind: slurm, workers: 2}, device: cuda}")
    profile = profile_of(ClusterOptions(cluster=f"slurm:{file}"), 4, "auto")
    assert profile.cluster == SlurmWorkers(workers=4)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"executor": "ray"}, "--executor ray: allowed are loky and dask"),
        ({"executor": "loky", "shared": True}, "--executor loky: --scheduler, --cluster"),
        ({"scheduler": "tcp://a:1", "cluster": "local:1"}, "--scheduler and --cluster: give one"),
        ({"scheduler": "http://a:1"}, "http://a:1: scheduler: tcp://HOST:PORT"),
        ({"shared": True, "executor": "dask", "profile": "nowhere.yaml"}, "no such profile file"),
    ],
)
def test_what_does_not_go_together_is_refused(asked, said, tmp_path):
    if "profile" in asked:
        asked = {**asked, "profile": tmp_path / asked["profile"]}
    with pytest.raises(InputError, match=said):
        profile_of(ClusterOptions(**asked), None, "auto")


def test_a_launch_refuses_more_workers_than_the_window_and_says_what_is_open(project, harness):
    study = project.studies / "quickstart.yaml"
    done = harness("launch", study, "--cluster", "local:99", "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--workers 99: the study proposes 8 configurations ahead" in done.stderr
    done = harness("launch", study, "--scheduler", "tcp://10.0.0.4:8786", "--dry-run")
    assert done.returncode == 0
    assert "any of Dask on tcp://10.0.0.4:8786, cpu; each brings its own data" in done.stderr
    assert "who reaches the scheduler's port can run code" in done.stderr
    done = harness("launch", study, "--scheduler", "tcp://127.0.0.1:8786", "--dry-run")
    assert "can run code" not in done.stderr
