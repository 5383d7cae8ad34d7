"""`harness merge` as it is said: what came in, what is next, what was refused."""

import json

from harness.results import study_record
from harness.results.confirmation import confirmation_folder
from harness.results.trials import stored_keys


def test_what_was_taken_in_is_said_with_what_comes_next(harness, project, confirmed_study):
    theirs, here = confirmed_study.project.results, project.results / "tiny"
    there = [len(stored_keys(f)) for f in (confirmed_study.folder, confirmation_folder(here))]
    dry = harness("merge", theirs, "--dry-run")
    assert (dry.returncode, here.exists()) == (0, False)
    assert f"{theirs}: to be taken in" in dry.stdout
    assert "next:" not in dry.stdout

    done = harness("merge", confirmed_study.folder, "--json")
    assert done.returncode == 0
    search, fresh = json.loads(done.stdout)
    assert search == {
        "study": "tiny", "trials": 4, "failures": 0, "configurations": 4, "here_already": 0
    }  # fmt: skip
    assert (fresh["study"], fresh["configurations"]) == (
        "tiny/confirmation",
        len(confirmed_study.record.configurations),
    )
    assert there == [4, 0]
    assert stored_keys(here) == stored_keys(confirmed_study.folder)

    again = harness("merge", theirs)
    assert (again.returncode, "all of it is here already" in again.stdout) == (0, True)
    (here / study_record.CONFIGURATIONS).unlink()
    (here / study_record.RECORD).unlink()
    back = harness("merge", theirs)
    assert back.returncode == 0
    assert "MLflow has none of these trials yet" in back.stdout
    assert "next: harness sync tiny; harness frontier tiny" in back.stdout


def test_a_refusal_is_one_message_and_exit_code_2(harness, project, confirmed_study):
    (project.results / "tiny").mkdir(parents=True)
    (project.results / "tiny" / study_record.JOURNAL).write_text("")
    done = harness("merge", confirmed_study.project.results)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
