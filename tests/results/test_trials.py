import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness.core import result_format
from harness.core.errors import DataError, InputError
from harness.core.result_format import RESULT_FORMAT
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.results import trials
from harness.results.checkpoint import set_aside_damaged
from harness.results.outputs import write_outputs
from harness.results.sealed import read_test
from harness.results.trials import TrialResult
from tests.damage import WAYS

BACKBONE = Choice("image_cnn", {"widths": (4, 8)}, "source of image_cnn")
SPEC = TrialSpec("digits", "d", BACKBONE, Choice("joint", {}, "source of joint"), {"epochs": 1}, 0)

WEIGHTS = {"stages.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}


@pytest.fixture
def stored(tmp_path):
    generator = np.random.default_rng(0)
    logits = [
        ExitLogits(generator.normal(size=(2, n, 3)).astype(np.float32), np.arange(n) % 3)
        for n in (5, 7)
    ]
    costs = ExitCosts(np.array([1.0, 2.0]), 1.5, np.array([3, 4]))
    curve = pd.DataFrame({"train_loss": [1.5, 0.25]})
    result = TrialResult(SPEC, logits[0], costs, curve, 1.0, {"torch": "2"})
    trials.write_trial(tmp_path, result, WEIGHTS, logits[1])
    return tmp_path, result, logits[1]


def test_what_was_written_is_read(stored):
    folder, result, test = stored
    back = trials.read_trial(folder, SPEC.key)
    assert back.spec == SPEC
    assert np.array_equal(back.validation.values, result.validation.values)
    assert np.array_equal(back.costs.macs, result.costs.macs)
    assert back.curve.equals(result.curve)
    weights = trials.read_weights(folder, SPEC.key)
    assert list(weights) == list(WEIGHTS)
    assert np.array_equal(weights["stages.0.weight"], WEIGHTS["stages.0.weight"])
    assert np.array_equal(read_test(folder, SPEC.key).values, test.values)
    assert trials.stored_keys(folder) == (SPEC.key,)


def test_a_second_result_of_the_same_key_changes_nothing(stored):
    folder, result, test = stored
    trials.write_trial(folder, dataclasses.replace(result, seconds=9.0), WEIGHTS, test)
    assert trials.read_trial(folder, SPEC.key).seconds == 1.0
    assert len(list((folder / "trials").iterdir())) == 1


def test_of_two_writers_the_first_wins(stored, monkeypatch):
    folder, result, test = stored
    write_logits = trials.write_logits

    def overtaken(path, logits):
        """Another writer finishes while this one is at work."""
        monkeypatch.setattr(trials, "write_logits", write_logits)
        trials.write_trial(folder, dataclasses.replace(result, seconds=9.0), WEIGHTS, test)
        write_logits(path, logits)

    trials.keep_only(folder, ())
    monkeypatch.setattr(trials, "write_logits", overtaken)
    trials.write_trial(folder, result, WEIGHTS, test)
    assert trials.read_trial(folder, SPEC.key).seconds == 9.0
    assert len(list((folder / "trials").iterdir())) == 1


def test_damage_is_named(stored):
    folder, *_ = stored
    path = trials.trial_folder(folder, SPEC.key)
    content = (path / "outputs.npz").read_bytes()
    (path / "outputs.npz").write_bytes(content[:100])
    with pytest.raises(InputError, match=r"outputs.npz: not readable outputs"):
        trials.read_trial(folder, SPEC.key)
    (path / "outputs.npz").unlink()
    with pytest.raises(InputError, match=r"outputs.npz: no such file; launch the study again"):
        trials.read_trial(folder, SPEC.key)
    (path / "weights.npz").write_bytes(content[:100])
    with pytest.raises(InputError, match=r"weights.npz: not readable weights"):
        trials.read_weights(folder, SPEC.key)


def test_a_tampered_spec_is_refused(stored):
    folder, *_ = stored
    path = trials.trial_folder(folder, SPEC.key) / "trial.json"
    plain = json.loads(path.read_text())
    path.write_text(json.dumps(plain | {"spec": plain["spec"] | {"seed": 5}}))
    with pytest.raises(InputError, match=r"trial\.json: its key is"):
        trials.read_trial(folder, SPEC.key)


@pytest.mark.parametrize("later", [False, True])
def test_a_trial_of_another_format_is_told_as_one(stored, monkeypatch, later):
    folder, *_ = stored
    stored_key = SPEC.key
    if later:
        monkeypatch.setattr(result_format, "RESULT_FORMAT", RESULT_FORMAT + 1)
    else:
        path = trials.trial_folder(folder, stored_key) / "trial.json"
        plain = json.loads(path.read_text())
        del plain["format"]
        path.write_text(json.dumps(plain))
    found, current = (RESULT_FORMAT, RESULT_FORMAT + 1) if later else (2, RESULT_FORMAT)
    expected = f"format {found}, this version reads {current}"
    with pytest.raises(InputError, match=rf"trial.json: {expected}: .*--restart"):
        trials.read_trial(folder, stored_key)


def test_pickles_are_never_loaded(stored):
    folder, *_ = stored
    path = trials.trial_folder(folder, SPEC.key) / "outputs.npz"
    pickled = {"validation.values": np.array([{"a": 1}], dtype=object)}
    np.savez(path, **pickled, **{"validation.labels": np.arange(1), "curve": np.zeros((2, 1))})
    with pytest.raises(InputError, match="not readable outputs"):
        trials.read_trial(folder, SPEC.key)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", trials.FILES)
def test_a_trial_with_a_damaged_file_is_set_aside(stored, name, way):
    folder, *_ = stored
    assert set_aside_damaged(folder, {}) == {}
    way(trials.trial_folder(folder, SPEC.key) / name)
    fault = trials.fault_of(folder, SPEC.key)
    assert name in fault
    assert set_aside_damaged(folder, {}) == {SPEC.key: fault}
    assert not trials.has_result(folder, SPEC.key)
    assert (folder / trials.DAMAGED / SPEC.key).is_dir()
    trials.keep_only(folder, ())
    assert not (folder / trials.DAMAGED).exists()


def test_files_of_two_trials_do_not_make_one(stored):
    folder, result, _ = stored
    path = trials.trial_folder(folder, SPEC.key)
    values = result.validation.values[:1]  # noqa: PD011 -- no pandas
    one_exit = dataclasses.replace(result.validation, values=values)
    trials.write_logits(path / "test.npz", one_exit)
    assert "test.npz: its exits are not those of" in trials.fault_of(folder, SPEC.key)
    write_outputs(path / "outputs.npz", {"validation": one_exit}, np.zeros((2, 1)))
    assert "trial.json: its exits are not those of" in trials.fault_of(folder, SPEC.key)


def test_another_curve_is_damaged(stored):
    folder, result, _ = stored
    path = trials.trial_folder(folder, SPEC.key) / "outputs.npz"
    write_outputs(path, {"validation": result.validation}, np.zeros((2, 3)))
    with pytest.raises(DataError, match=r"trial\.json: its curve is not that of outputs\.npz"):
        trials.read_trial(folder, SPEC.key)


def test_a_file_that_may_not_be_read_is_not_taken_for_damaged(stored, monkeypatch):
    folder, *_ = stored

    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(
        InputError, match=r"trial\.json: cannot be read \(Permission denied\)"
    ) as caught:
        set_aside_damaged(folder, {})
    assert not isinstance(caught.value, DataError)


def test_a_folder_holds_the_files_that_are_known_to_be_copied(stored):
    folder, result, test = stored
    trials.keep_only(folder, ())
    trials.write_trial(folder, dataclasses.replace(result, calibration=test), WEIGHTS, test)
    written = {path.name for path in trials.trial_folder(folder, SPEC.key).iterdir()}
    assert written == set(trials.FILES)
    assert trials.KEY.fullmatch(SPEC.key)
