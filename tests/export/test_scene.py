"""Real Indian Pines: raw in, out what harness says of every test sample; by pixel, as a scene."""

import subprocess
import sys

import numpy as np
import pytest

from harness.data.prepare import read_manifest, read_raw, read_split_indices
from harness.export.runtime import EarlyExitRuntime
from harness.policies import policy_of
from tests.conftest import make_project
from tests.export.conftest import finished

STUDY = """
name: scene
description: A study for tests.
expected_duration: seconds
split: {split}
backbone: {{name: {backbone}, parameters: {{widths: [8, 8], exits: 2}}}}
training: {{epochs: 2, batch_size: 64, learning_rate: 0.01}}
regimes: {{joint: {{}}}}
seeds: [0]
run_cap: 1
"""
KINDS = {"indian_pines-spectrum-10": "spectral_cnn", "indian_pines-patch-10": "patch_cnn"}


@pytest.fixture(scope="module", params=KINDS)
def exported(request, tmp_path_factory, mirror):
    """A study of one network, its export, and the threshold that half of the samples reach."""
    root = tmp_path_factory.mktemp("scene")
    text = STUDY.format(split=request.param, backbone=KINDS[request.param])
    study = finished(make_project(root / "project"), text, mirror)
    key, policy = study.key("joint"), policy_of(study.record.spec.policy)
    confidence = np.sort(study.expected(key, [0.0], policy, "test")[2])
    middle = len(confidence) // 2
    threshold = float(confidence[middle : middle + 2].mean())
    folder = study.export(key, [threshold], root / "export")
    return study, folder, study.expected(key, [threshold], policy, "test")


@pytest.fixture(scope="module")
def data(exported):
    """The raw scene, and the row and column of each test sample."""
    project, name = exported[0].project, exported[0].record.spec.split
    _, found, _ = read_raw(name, read_manifest(project.prepared, name).spec, project.raw)
    return found.values, found.positions[read_split_indices(project.prepared, name).test]


@pytest.mark.job
def test_every_test_sample_of_the_raw_scene_is_predicted_as_in_harness(exported, data):
    study, folder, (labels, exits, confidence) = exported
    cube, positions = data
    found = EarlyExitRuntime(folder).predict_scene(cube)
    assert found.labels.shape == (145, 145)
    at = tuple(positions.T)
    assert set(exits) == {1, 2}
    np.testing.assert_array_equal(found.labels[at], labels)
    np.testing.assert_array_equal(found.exits[at], exits)
    np.testing.assert_allclose(found.confidence[at], confidence, atol=1e-5)
    np.testing.assert_array_equal(found.names[at], np.array(study.split.classes)[labels])

    chosen = EarlyExitRuntime(folder).predict_at(cube, positions, 500)
    np.testing.assert_array_equal(chosen.exits, exits)
    mask = np.zeros((145, 145))
    mask[at] = 1
    masked = EarlyExitRuntime(folder).predict_scene(cube, mask)
    np.testing.assert_array_equal(masked.labels[at], labels)
    assert (masked.labels[mask == 0] == -1).all()
    assert (masked.names[mask == 0] == "").all()
    assert np.isnan(masked.confidence[mask == 0]).all()


@pytest.mark.job
def test_the_command_takes_a_scene_and_prints_or_writes_what_it_finds(exported, data, tmp_path):
    study, folder, (labels, exits, _) = exported
    cube, positions = data
    mask = np.zeros(cube.shape[:2], bool)
    mask[tuple(positions.T)] = True
    for name, array in {"cube": cube, "mask": mask}.items():
        np.save(tmp_path / f"{name}.npy", array)
    scene = ["--scene", tmp_path / "cube.npy", "--mask", tmp_path / "mask.npy"]
    done = run(folder, *scene)
    head, *rows = (line.split(",") for line in done.stdout.splitlines())
    assert head == ["row", "column", "label", "class", "exit", "confidence"]
    # Lines are by row and column; so are the positions of labelled pixels.
    assert [[int(row[0]), int(row[1])] for row in rows] == positions.tolist()
    assert [int(row[2]) for row in rows] == labels.tolist()
    assert [row[3] for row in rows] == [study.split.classes[label] for label in labels]
    done = run(folder, *scene, "--output", tmp_path / "map.npz")
    assert done.stdout == ""
    with np.load(tmp_path / "map.npz", allow_pickle=False) as maps:
        np.testing.assert_array_equal(maps["exits"][mask], exits)
    for arguments, message in (
        (["--scene", tmp_path / "mask.npy"], "a scene [rows, columns, 200] expected"),
        (["--scene", tmp_path / "none.npy"], "No such file"),
        ([tmp_path / "map.npz"], "map.npz: not an array in an .npy file"),
        ([tmp_path / "mask.npy"], "expected, found [145, 145]"),
    ):
        done = run(folder, *arguments, code=2)
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1


def run(folder, *arguments, code=0):
    command = [sys.executable, folder / "runtime.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done
