"""The exported runtime against harness itself: policies, predictions, exits and routing."""

import json
import subprocess
import sys

import numpy as np
import pytest

from harness.export.runtime import EarlyExitRuntime
from harness.policies import POLICIES

CASES = {
    "joint-max_softmax": {},
    "boosted-geometric_ensemble": {"calibrated": True},
    "learned_gate-learned_gate": {},
    "meta_weighted-patience": {},
    "joint-beem": {},
    "joint-pcee": {"calibrated": True, "bins": 10},
    "joint-per_class": {},
}


def apart(known, others):
    """Halfway in the widest gap among the middle half of the confidences."""
    values = np.unique(np.concatenate([known, others]))
    middle = values[len(values) // 4 : 3 * len(values) // 4]
    widest = np.diff(middle).argmax()
    return float(middle[widest : widest + 2].mean())


@pytest.fixture(scope="module", params=CASES)
def exported(request, study, tmp_path_factory):
    """A network under a policy, with thresholds between confidences that were observed."""
    (regime, name), parameters = request.param.split("-"), CASES[request.param]
    policy = POLICIES.get(name)(**parameters)
    key, record = study.key(regime), study.under(name, **parameters)
    thresholds = []
    for forced in ((0.0, 0.0), (np.inf, 0.0)):
        parts = [study.expected(key, forced, policy, part)[2] for part in ("validation", "test")]
        thresholds.append(0.6 if name == "patience" else apart(*parts))
    folder = study.export(key, thresholds, tmp_path_factory.mktemp("out") / "export", record)
    return folder, key, thresholds, policy


@pytest.mark.parametrize("batch", [1, 7, 10_000])
def test_labels_and_exits_are_those_of_harness(study, exported, batch):
    folder, key, thresholds, policy = exported
    runtime = EarlyExitRuntime(folder)
    for part in ("validation", "test"):
        labels, exits, confidence = study.expected(key, thresholds, policy, part)
        assert len(set(exits)) == (2 if policy == POLICIES.get("patience")() else 3)
        found = runtime.predict(study.raw(part), batch)
        np.testing.assert_array_equal(found.labels, labels)
        np.testing.assert_array_equal(found.exits, exits)
        np.testing.assert_allclose(found.confidence, confidence, atol=1e-5)


def test_each_stage_runs_on_the_samples_left_alone(study, exported):
    folder, key, thresholds, policy = exported
    runtime = EarlyExitRuntime(folder)
    seen = []

    def watched(program):
        def run(*state):
            seen.append([len(state[0]), *(len(heads[0]) for heads in state[1:])])
            return program(*state)

        return run

    runtime.programs = [watched(program) for program in runtime.programs]
    runtime.predict(study.raw("test"), 10_000)
    exits = study.expected(key, thresholds, policy, "test")[1]
    second, third = int((exits > 1).sum()), int((exits > 2).sum())
    assert seen == [[len(exits)], [second, second], [third, third]]
    runtime.predict(study.raw("test")[exits == 1], 10_000)
    # Nor is a stage run for nobody.
    assert len(seen) == 3 + (exits == 1).any()


def test_a_static_network_has_one_stage(study, tmp_path):
    key, policy = study.key("single_exit"), POLICIES.get("max_softmax")()
    folder = study.export(key, (), tmp_path / "static")
    found = EarlyExitRuntime(folder).predict(study.raw("test"))
    labels, exits, _ = study.expected(key, (), policy, "test")
    np.testing.assert_array_equal(found.labels, labels)
    assert set(found.exits) == set(exits) == {1}


def test_what_no_sample_reaches_is_left_by_none(study, tmp_path):
    folder = study.export(study.key("joint"), (np.inf, 0.0), tmp_path / "late")
    assert json.loads((folder / "manifest.json").read_text())["thresholds"] == [None, 0.0]
    runtime = EarlyExitRuntime(folder)
    assert set(runtime.predict(study.raw("test")).exits) == {2}
    assert [len(column) for column in runtime.predict(np.empty((0, 1, 8, 8)))] == [0, 0, 0, 0]
    with pytest.raises(ValueError, match=r"inputs \[N, 1, 8, 8\] expected, found \[3, 64\]"):
        runtime.predict(np.zeros((3, 64)))


def test_inputs_that_are_no_numbers_reach_the_last_exit(study, tmp_path):
    folder = study.export(study.key("joint"), (0.5, 0.5), tmp_path / "export")
    inputs = np.full((2, 1, 8, 8), np.nan)
    assert set(EarlyExitRuntime(folder).predict(inputs).exits) == {3}


@pytest.mark.job
@pytest.mark.parametrize("exported", ["learned_gate-learned_gate"], indirect=True)
def test_the_folder_runs_by_itself_without_harness(study, exported):
    folder, key, thresholds, policy = exported
    code = (  # an installed harness is hidden, too
        "import runpy, sys; sys.modules['harness'] = None; sys.argv = sys.argv[1:];"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-c", code, folder / "runtime.py", folder / "example.npy"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    head, *rows = (line.split(",") for line in done.stdout.splitlines())
    assert head == ["label", "class", "exit", "confidence"]
    labels, exits, _ = study.expected(key, thresholds, policy, "validation")
    assert [(int(row[0]), int(row[2])) for row in rows] == list(
        zip(labels[:5], exits[:5], strict=True)
    )
    assert [row[1] for row in rows] == [study.split.classes[label] for label in labels[:5]]


def test_a_sample_s_prediction_does_not_depend_on_its_batch(study, exported):
    runtime = EarlyExitRuntime(exported[0])
    inputs = study.raw("test")[:64]
    order = np.random.default_rng(0).permutation(64)
    together, shuffled = runtime.predict(inputs), runtime.predict(inputs[order])
    np.testing.assert_array_equal(together.exits[order], shuffled.exits)
    np.testing.assert_array_equal(together.labels[order], shuffled.labels)
