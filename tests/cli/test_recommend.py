"""`harness recommend`, and `harness export` of what it says."""

import json

import pytest

from harness.analysis.recommend import recommendation
from harness.data.load import load
from harness.export.runtime import EarlyExitRuntime
from harness.results.recommendation import Goal
from tests.raw_inputs import raw_digits


def test_the_recommendation_is_said_with_how_sure_it_is(in_confirmed, harness):
    _, found = recommendation(in_confirmed.folder, Goal(cost=0.8))
    done = harness("recommend", "tiny", "--cost", "0.8")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "tiny: to deploy within 80% of the cost of the largest full static network"
    best, other = found.chosen, found.runner_up
    assert lines[1].startswith(f"  regime {best.regime}, configuration {best.searched}: ")
    assert "learning_rate 0.0" in lines[1]
    assert lines[2].startswith("  exit policy max_softmax, thresholds at exits 1, 2, ..: ")
    assert f"over 3 fresh seeds: accuracy {best.score.mean:.4f} [" in lines[3]
    assert f"network {best.key} of seed {best.seed}: accuracy" in lines[5]
    assert lines[6].startswith(f"  runner-up {other.regime}, configuration {other.searched}: ")
    assert lines[7].startswith(f"  difference in accuracy: {found.difference.mean:+.4f} [")
    assert lines[7].endswith(f"n = 3: p {found.p:.2g}, not significant")
    assert lines[8] == "export it: harness export tiny --cost 0.8"


def test_as_json_it_is_the_record(in_confirmed, harness):
    _, found = recommendation(in_confirmed.folder, Goal(score=0.5), "mixed", "margin")
    arguments = ["--accuracy", "0.5", "--regime", "mixed", "--policy", "margin"]
    done = harness("recommend", "tiny", *arguments, "--json")
    assert json.loads(done.stdout) == found.model_dump(mode="json")
    plain = harness("recommend", "tiny", *arguments).stdout
    assert "exit policy margin" in plain
    assert plain.rstrip().endswith("--accuracy 0.5 --regime 'mixed' --policy 'margin'")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--cost", "0.5"], "no such study"),
        (["tiny"], "give either --cost or --accuracy, such as --cost 0.4"),
        (["tiny", "--cost", "0.5", "--accuracy", "0.5"], "give either --cost or --accuracy"),
        (["tiny", "--cost", "1.5"], "Invalid value for '--cost'"),
        (["tiny", "--cost", "0.01"], "--cost 0.01: no configuration is that cheap"),
        (["tiny", "--accuracy", "1.0"], "--accuracy 1.0: no configuration reaches it"),
        (["tiny", "--cost", "0.8", "--regime", "x"], "--regime x: not confirmed; there are: joint"),
    ],
)
@pytest.mark.usefixtures("in_confirmed")
def test_bad_input_ends_with_code_2(harness, arguments, message):
    done = harness("recommend", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("goal", [("--cost", "0.8"), ("--accuracy", "0.5")])
def test_what_is_exported_does_on_its_test_part_what_was_said(
    in_confirmed, harness, tmp_path, goal
):
    said = json.loads(harness("recommend", "tiny", *goal, "--json").stdout)["chosen"]
    arguments = [*goal, "--output", tmp_path / "out", "--no-log", "--json"]
    done = harness("export", "tiny", *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["key"], found["regime"]) == (said["key"], said["regime"])
    assert found["thresholds"] == said["thresholds"]
    name = f"digits@{said['seed']}"
    test = load(in_confirmed.project, name).test
    inputs = raw_digits(in_confirmed.project, name, "test")
    predicted = EarlyExitRuntime(tmp_path / "out").predict(inputs)
    accuracy = (predicted.labels == test.labels).mean()
    assert accuracy == pytest.approx(said["measured"]["test_accuracy"])


def test_with_a_policy_of_its_own_it_is_exported_under_it(in_confirmed, harness, tmp_path):
    arguments = ["--cost", "0.8", "--policy", "margin", "--output", tmp_path / "out", "--no-log"]
    assert harness("export", "tiny", *arguments).returncode == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["policy"]["name"] == (
        "margin"
    )
    record, found = recommendation(in_confirmed.folder, Goal(cost=0.8), policy="margin")
    name = f"digits@{found.chosen.seed}"
    test = load(in_confirmed.project, name).test
    inputs = raw_digits(in_confirmed.project, name, "test")
    predicted = EarlyExitRuntime(tmp_path / "out").predict(inputs)
    measured = found.chosen.measured["test_accuracy"]
    assert (predicted.labels == test.labels).mean() == pytest.approx(measured)
    assert record.spec.policy.name == "margin"
