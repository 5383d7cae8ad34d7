"""A trial that is sent to a worker: the same result as here, and nothing else gets in."""

import dataclasses
import shutil

import pytest

from harness.core.errors import DataError
from harness.core.records import adapter_of
from harness.core.trial_spec import TrialSpec
from harness.data.load import ensure
from harness.data.named_splits import find_split, redrawn
from harness.models.backbones import BACKBONES
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.failures import has_failure, read_failure
from harness.study import worker
from harness.study.companies import members
from harness.study.executors import TrialOutcome, TrialTask
from harness.study.executors.dask import Reply
from harness.study.executors.parcel import pack
from harness.study.remote import HOME, RemoteTrial, SharedFolders, receive
from harness.study.slots import CPU, Slot
from harness.study.stack_worker import run_task
from harness.study.worker import run_trial
from tests.records import choice
from tests.study.test_worker import DIVERGING


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "worker"))
    return tmp_path / "worker"


@pytest.fixture
def spec(project):
    digest = ensure(project, "digits", None, lambda *_: None).digest
    backbone = choice(BACKBONES, "image_cnn", widths=(4, 8), exits=2, pool=2)
    return TrialSpec("digits", digest, backbone, choice(REGIMES, "joint"), {"epochs": 1}, seed=3)


@pytest.fixture
def remote(project):
    return RemoteTrial("digits", find_split(project.splits, "digits"), CPU, None)


def sent(spec):
    return adapter_of(TrialTask).dump_json((spec,)).decode()


def answer(remote, spec):
    (reply,) = remote(sent(spec))
    return reply


def received(folder, spec, reply):
    (outcome,) = receive(folder, (spec,), (reply,))
    return outcome


@pytest.mark.parametrize("split", ["digits", redrawn("digits", 1000)])
def test_a_trial_gives_what_it_gives_here(project, spec, remote, home, split):
    spec = dataclasses.replace(
        spec, split=split, digest=ensure(project, split, None, lambda *_: None).digest
    )
    here, there = project.results / "here", project.results / "there"
    assert run_trial(spec, project, here) == TrialOutcome(spec.key)
    prepared = list(project.prepared.iterdir())
    shutil.rmtree(project.prepared)  # a worker sees nothing of the project
    assert received(there, spec, answer(remote, spec)) == TrialOutcome(spec.key)
    assert trials.fault_of(there, spec.key) is None
    for path in trials.trial_folder(here, spec.key).iterdir():
        if path.name != "trial.json":  # it has the seconds
            assert (trials.trial_folder(there, spec.key) / path.name).read_bytes() == (
                path.read_bytes()
            )
    assert {path.name for path in prepared} >= {split}
    assert list(home.glob(f"split-*/data/prepared/{split}"))
    assert list((home / "running").iterdir()) == []


def test_of_a_stack_those_come_back_that_were_asked_for(project, spec, remote, home):
    first, second, third = members(dataclasses.replace(spec, company=(3, 4, 5)))
    here, there = project.results / "here", project.results / "there"
    run_task((first, second, third), project, here)
    task = (second, third)
    replies = remote(adapter_of(TrialTask).dump_json(task).decode())
    assert receive(there, task, replies) == tuple(TrialOutcome(each.key) for each in task)
    assert trials.stored_keys(there) == tuple(sorted(each.key for each in task))
    for each in task:
        files = [trials.trial_folder(f, each.key) / "test.npz" for f in (here, there)]
        assert len({file.read_bytes() for file in files}) == 1
    with pytest.raises(DataError, match="1 results came back, 2 were asked for"):
        receive(there, task, replies[:1])
    assert list((home / "running").iterdir()) == []


def test_what_diverged_comes_back_as_a_failure(project, spec, remote, home):
    spec = dataclasses.replace(spec, training=DIVERGING)
    reply = answer(remote, spec)
    folder = project.results / "there"
    outcome = received(folder, spec, reply)
    assert outcome.status == "diverged"
    assert read_failure(folder, spec.key).facts.spec == spec
    assert not trials.has_result(folder, spec.key)
    assert len(list(home.glob("split-*"))) == 1


def test_other_data_are_refused_with_both_digests(spec, remote, home):
    asked = dataclasses.replace(spec, digest="0123456789abcdef")
    reply = answer(remote, asked)
    assert reply.parcel is None
    assert f"split digits: digest {spec.digest} prepared here, 0123456789abcdef" in reply.refused
    assert reply.outcome.status == "error"
    assert not (home / "running").exists()


def test_another_split_of_the_same_name_is_another_folder(spec, remote, home):
    other = dataclasses.replace(remote, split_spec=remote.split_spec.model_copy(update={"seed": 7}))
    assert "prepared here" in answer(other, spec).refused
    assert answer(remote, spec).refused is None
    assert len(list(home.glob("split-*"))) == 2
    assert len(list(home.glob("raw"))) == 1


def test_other_code_another_device_or_format_are_refused(spec, remote, home):
    other_code = dataclasses.replace(spec.regime, source="0" * 8)
    reply = answer(remote, dataclasses.replace(spec, regime=other_code))
    assert "00000000" in reply.refused
    assert REGIMES.source_digest("joint") in reply.refused
    reply = answer(dataclasses.replace(remote, slot=Slot("mps")), spec)
    assert "device: asked cpu, this worker trains on mps" in reply.refused
    assert "format: asked 1" in answer(remote, dataclasses.replace(spec, format=1)).refused
    assert home.is_dir()


def test_what_is_no_fault_of_the_worker_is_raised(spec, remote, home, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker, "write_trial", full)
    with pytest.raises(OSError, match="No space left"):
        answer(remote, spec)
    assert list((home / "running").iterdir()) == []


def test_in_a_shared_folder_results_lie_in_place(project, spec, remote):
    folder = project.results / "shared"
    reply = answer(dataclasses.replace(remote, shared=SharedFolders(project, folder)), spec)
    assert reply == Reply(TrialOutcome(spec.key))
    assert received(folder, spec, reply) == TrialOutcome(spec.key)
    assert trials.fault_of(folder, spec.key) is None
    with pytest.raises(DataError, match="written by a worker, not seen here; is the folder shared"):
        received(project.results / "elsewhere", spec, reply)


def test_only_the_trial_that_was_asked_for_gets_in(project, spec, remote, home, tmp_path):
    reply, folder = answer(remote, spec), project.results / "there"
    other = dataclasses.replace(spec, seed=4)
    with pytest.raises(DataError, match=f"trial {spec.key} came back, {other.key} was asked for"):
        received(folder, other, reply)
    disguised = dataclasses.replace(reply, outcome=TrialOutcome(other.key))
    with pytest.raises(DataError, match=f"trial {spec.key} came back, {other.key} was asked for"):
        received(folder, other, disguised)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "pwned.py").touch()
    with pytest.raises(DataError, match=r"'pwned\.py', which no result has"):
        received(folder, spec, dataclasses.replace(reply, parcel=pack(tmp_path / "made")))
    assert trials.stored_keys(folder) == ()
    assert not list((folder / "trials").iterdir())
    assert not has_failure(folder, spec.key)
    assert home.is_dir()
