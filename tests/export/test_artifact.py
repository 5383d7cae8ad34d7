"""What an exported folder holds, and what is refused."""

import json
import shutil

import numpy as np
import pytest

from harness.core.errors import DataError, InputError
from harness.core.project import Project
from harness.export import artifact, runtime
from harness.policies import POLICIES
from harness.policies.calibration import temperatures
from harness.results import trials
from tests.records import changed

THRESHOLDS = (0.5, 0.5)


@pytest.fixture
def copied(study, tmp_path):
    """The study with a trial folder of its own to damage."""
    folder = tmp_path / "tiny"
    key = study.key("joint")
    shutil.copytree(trials.trial_folder(study.folder, key), trials.trial_folder(folder, key))
    return type(study)(study.project, folder, study.record, study.split)


def change_weights(copied, change):
    path = trials.trial_folder(copied.folder, copied.key("joint")) / "weights.npz"
    weights = dict(trials.read_weights(copied.folder, copied.key("joint")))
    change(weights)
    np.savez(path, **weights)


def refused(study, target, message, **changes):
    with pytest.raises(InputError, match=message):
        study.export(study.key("joint"), changes.pop("thresholds", THRESHOLDS), target, **changes)
    assert not target.exists()
    assert list(target.parent.glob(".*")) == []


def test_a_regression_is_refused(study, tmp_path):
    record = changed(study.record, manifest={"task": "regression"})
    refused(study, tmp_path / "export", "the runtime predicts classes, found", record=record)


def test_the_manifest_tells_what_the_network_is(study, tmp_path):
    record = study.under("entropy", calibrated=True)
    key = study.key("boosted")
    folder = study.export(key, THRESHOLDS, tmp_path / "export", record)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == {
        "manifest.json", "example.npy", "statistics.npz", "stage_1.pt2", "stage_2.pt2",
        "stage_3.pt2", "runtime.py", "runtime_inputs.py", "runtime_policy.py", "runtime_stages.py",
        "policy/harness/core/errors.py", "policy/harness/core/types.py",
        "policy/harness/policies/entropy.py",
    }  # fmt: skip
    found = json.loads((folder / "manifest.json").read_text())
    result = trials.read_trial(study.folder, key)
    assert (found["study"], found["key"], found["thresholds"]) == ("tiny", key, [0.5, 0.5])
    assert found["trial"]["regime"]["name"] == "boosted"
    assert found["trial"]["seed"] == 0
    assert found["data"]["digest"] == study.record.manifest.digest == study.split.digest
    assert found["data"]["provenance"] == "digits (canonical files)"
    assert found["data"]["classes"] == list("0123456789")
    assert found["costs"]["macs"] == result.costs.macs.tolist()
    assert found["policy"]["name"] == "entropy"
    assert found["policy"]["digest"] == POLICIES.source_digest("entropy")
    assert found["stages"] == {"torch": ["stage_1.pt2", "stage_2.pt2", "stage_3.pt2"]}
    assert found["data"]["inputs"].startswith("raw [N, 1, 8, 8], as `read` of the data set gives")
    assert found["policy"]["temperatures"] == temperatures(result.fitting).tolist()
    assert found["measured"] == {"validation_accuracy": 0.5}
    assert set(found["versions"]["exported"]) == {"harness", "torch", "numpy"}
    example = np.load(folder / "example.npy")
    np.testing.assert_array_equal(example, study.raw("validation")[:5])


def test_an_older_export_is_replaced_as_a_whole_or_kept(study, tmp_path, monkeypatch):
    monkeypatch.setattr(artifact, "write_programs", lambda *_: {})
    monkeypatch.setattr(artifact, "_check_predictions", lambda *_: None)
    target = study.export(study.key("joint"), THRESHOLDS, tmp_path / "export")
    (target / "stage_9.pt2").touch()
    with monkeypatch.context() as broken:
        broken.setattr(artifact, "_check_predictions", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            study.export(study.key("joint"), (0.1, 0.1), target)
    assert json.loads((target / "manifest.json").read_text())["thresholds"] == [0.5, 0.5]
    study.export(study.key("joint"), (0.1, 0.1), target)
    assert json.loads((target / "manifest.json").read_text())["thresholds"] == [0.1, 0.1]
    assert not (target / "stage_9.pt2").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_a_folder_of_another_kind_is_left_alone(study, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "manifest.json").touch()
    with pytest.raises(InputError, match=r"--output .*mine: exists and is no export"):
        study.export(study.key("joint"), THRESHOLDS, mine)
    assert [path.name for path in mine.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.update({"heads.0.classify.0.bias": w["heads.0.classify.0.bias"] + 0.01}),
         "weights.npz does not give the outputs in outputs.npz"),
        (lambda w: w.update({k: v + np.float32(np.nan) for k, v in w.items()}),
         "weights.npz does not give the outputs in outputs.npz"),
        (lambda w: w.pop("heads.0.classify.0.bias"), "not the weights of this trial's network"),
        (lambda w: w.update({"heads.0.classify.0.bias": np.zeros(3, np.float32)}),
         "not the weights of this trial's network"),
    ],
    ids=["changed", "nan", "missing", "shape"],
)  # fmt: skip
def test_tampered_weights_are_found(copied, tmp_path, change, message):
    change_weights(copied, change)
    refused(copied, tmp_path / "out" / "export", message)


def test_damaged_weights_are_found(copied, tmp_path):
    path = trials.trial_folder(copied.folder, copied.key("joint")) / "weights.npz"
    path.write_bytes(path.read_bytes()[:100])
    refused(copied, tmp_path / "out" / "export", "not readable weights")


def test_thresholds_of_another_network_are_found(study, tmp_path):
    message = "1 thresholds on the frontier"
    refused(study, tmp_path / "out" / "export", message, thresholds=(0.5,))


def test_other_data_are_found(copied, tmp_path):
    elsewhere = Project(tmp_path / "elsewhere")
    other = type(copied)(elsewhere, copied.folder, copied.record, copied.split)
    with pytest.raises(DataError, match="no such split; `harness data prepare digits`"):
        other.export(copied.key("joint"), THRESHOLDS, tmp_path / "export")


def of_no_use(_, logits, gates):
    del gates
    return np.zeros(logits.shape[1], np.int64), np.zeros(logits.shape[1])


def test_a_folder_that_predicts_otherwise_than_harness_is_not_left(study, tmp_path, monkeypatch):
    monkeypatch.setattr(runtime.runtime_policy.CarriedPolicy, "at_newest", of_no_use)
    refused(study, tmp_path / "out" / "export", "predicts otherwise than in harness on")
