"""`harness report` of several studies; that of one is in test_app.py."""

import shutil

import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.results import study_record
from tests.made_up import make_study
from tests.records import changed

NAMES = ("made-up", "other")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """Folder of two studies with their tables."""
    results = tmp_path_factory.mktemp("evaluated")
    for name in NAMES:
        folder = make_study(results / name)
        record = study_record.read_study_record(folder)
        study_record.write_study_record(folder, changed(record, spec={"name": name}))
        write_frontier(folder)
    return results


@pytest.fixture
def two(project, evaluated):
    """Both in the current project."""
    shutil.copytree(evaluated, project.results)
    return project


def test_several_studies_make_one_page_beside_their_folders(two, harness):
    before = {path for path in two.results.rglob("*") if path.is_file()}
    done = harness("report", "other", "made-up")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "written: results/other+made-up.html"
    page = two.results / "other+made-up.html"
    assert {path for path in two.results.rglob("*") if path.is_file()} - before == {page}
    text = page.read_text()
    assert "<title>other, made-up: harness report, side by side</title>" in text
    assert text.index("<h3>other</h3>") < text.index("<h3>made-up</h3>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("made-up", "other", "made-up"), "made-up: named twice"),
        (("made-up", "none"), "none: no such study in results; known: made-up, other"),
        (("made-up", "stale"), "results/stale: its tables, or some of them, are not"),
    ],
)
def test_what_cannot_stand_side_by_side_ends_with_a_message(arguments, message, two, harness):
    if "stale" in arguments:
        shutil.copytree(two.results / "other", two.results / "stale")
        (two.results / "stale" / "tables.json").unlink()
    done = harness("report", *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert message in done.stderr
    assert not list(two.results.glob("*.html"))


def test_help_has_an_example_of_both(harness):
    shown = harness("report", "--help").stdout
    assert "harness report quickstart indian_pines_small" in shown
