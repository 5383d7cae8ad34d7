"""`harness confirm` and `launch --confirm` on a study that is confirmed already."""

import json

import pytest

from harness.results.confirmation import confirmation_folder
from harness.results.launch_lock import only_launch
from harness.results.launches import read_launches
from harness.results.study_record import read_study_record


def test_the_plan_is_shown_and_nothing_trained(in_confirmed, harness):
    done = harness("confirm", "tiny", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    fresh = in_confirmed.record.fresh
    assert tuple(row["configuration"] for row in rows) == fresh.candidates
    assert {row["regime"] for row in rows} == {"joint", "mixed"}
    assert {(row["search"], row["trials"]) for row in rows} == {(0, 3)}
    assert all(row["parameters"].startswith("training.learning_rate=0.0") for row in rows)
    shown = harness("confirm", "tiny", "--dry-run").stdout
    assert f"tiny: 3 fresh seeds, {3 * len(rows)} trials" in shown


def test_a_dry_run_refuses_what_a_confirmation_would(own_confirmed, harness):
    with only_launch(confirmation_folder(own_confirmed.folder)):
        dry, wet = harness("confirm", "tiny", "--dry-run"), harness("confirm", "tiny")
    assert (dry.returncode, wet.returncode) == (2, 2)
    assert "another launch of this study is running" in dry.stderr
    assert dry.stderr.splitlines()[-1] == wet.stderr.splitlines()[-1]


def test_a_file_says_how_it_is_confirmed_and_status_that_it_is(in_confirmed, harness, tmp_path):
    file = in_confirmed.project.root / "studies" / "tiny.yaml"
    changed = tmp_path / "changed.yaml"
    changed.write_text(file.read_text().replace("{seeds: 3,", "{seeds: 7,"))
    assert "tiny: 3 fresh seeds" in harness("confirm", "tiny", "--dry-run").stdout
    assert "tiny: 7 fresh seeds" in harness("confirm", changed, "--dry-run").stdout
    (row,) = json.loads(harness("status", "tiny", "--json").stdout)["studies"]
    assert row["fresh_seeds"] == "done"


def test_a_launch_may_confirm_too_and_trains_nothing_twice(in_confirmed, harness):
    done = harness("launch", "studies/tiny.yaml", "--confirm")
    assert done.returncode == 0, done.stderr
    folder = in_confirmed.folder.relative_to(in_confirmed.project.root)
    assert f"tiny: done; 4 configurations recorded, 0 failed. Results in {folder}" in done.stdout
    assert "next: harness frontier tiny; harness recommend tiny --cost 0.5; harness ui" in (
        done.stdout
    )
    again = harness("confirm", "tiny")
    assert again.returncode == 0, again.stderr
    assert read_study_record(in_confirmed.folder / "confirmation") == in_confirmed.record


@pytest.mark.usefixtures("in_confirmed")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "no such study"),
        (["tiny", "--json"], "--json: goes with --dry-run"),
        (["tiny", "--workers", "99"], "--workers 99: the study proposes"),
    ],
)
def test_bad_input_ends_with_code_2(harness, arguments, message):
    done = harness("confirm", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.job
def test_a_confirmation_s_trials_are_synced_with_the_search_s(in_confirmed, harness, tmp_path):
    networks = sum(len(each.keys) for each in in_confirmed.record.configurations)
    elsewhere = f"sqlite:///{tmp_path / 'mlflow.db'}"
    done = harness("sync", "tiny", "--tracking-uri", elsewhere)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"tiny: {4 + networks} trials logged\n"
    assert harness("sync", "tiny", "--tracking-uri", elsewhere).stdout == "tiny: 0 trials logged\n"
    assert len(read_launches(in_confirmed.folder / "confirmation")) > 1


def test_the_metrics_are_what_is_compared_on_fresh_seeds(in_confirmed, harness):
    compared = json.loads(harness("compare", "tiny", "--json").stdout)
    metrics = in_confirmed.folder / "confirmation" / "metrics"
    assert {path.stem for path in metrics.iterdir()} == {row["regime"] for row in compared}
    for row in compared:
        figures = json.loads((metrics / f"{row['regime']}.json").read_text())
        assert figures == pytest.approx({name: row[name] for name in figures})
        assert {"hypervolume", "gain", "best_accuracy"} <= set(figures)
