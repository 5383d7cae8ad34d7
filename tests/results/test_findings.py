"""findings.json of a study and of a project: written, collected, and left out once outdated."""

import json
import shutil

import pytest

from harness.analysis.findings import Asked, study_findings
from harness.results.confirmation import confirmation_folder
from harness.results.findings import FINDINGS, collect_findings, write_study_findings


@pytest.fixture
def results(judged, tmp_path):
    shutil.copytree(judged, tmp_path / judged.name)
    record, rows = study_findings(tmp_path / judged.name, Asked())
    write_study_findings(tmp_path / judged.name, record, rows)
    return tmp_path


def test_the_findings_of_all_studies_are_one_file(results):
    found, without = collect_findings(results)
    written = json.loads((results / FINDINGS).read_text())["rows"]
    assert len(written) == len(found.rows) > 0
    assert without == ()
    wanted = "dataset split train_share backbone regime policy seeds trials f1_weighted f1_macro "
    wanted += "precision_weighted recall_weighted accuracy average_accuracy kappa routing "
    wanted += "relative_cost hypervolume hypervolume_low hypervolume_high p_holm data_digest"
    assert set(wanted.split()) <= set(written[0])


def test_findings_of_a_study_that_was_confirmed_anew_are_left_out(results, judged):
    file = confirmation_folder(results / judged.name) / FINDINGS
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "recorded": "of another confirmation"}))
    found, without = collect_findings(results)
    assert found.rows == ()
    assert "the study was confirmed anew since" in without[0]
    assert f"`harness findings {judged.name}`" in without[0]


def test_a_damaged_file_is_named_and_the_findings_of_others_are_kept(results, judged):
    other = results / "other"
    shutil.copytree(results / judged.name, other)
    file = confirmation_folder(other) / FINDINGS
    file.write_text('{"recorded": 1}')
    found, (left_out,) = collect_findings(results)
    assert found.rows
    assert json.loads((results / FINDINGS).read_text())["rows"][0]["study"] == found.rows[0].study
    assert left_out.startswith(f"{file}: ")
    assert "`harness findings other` writes them again" in left_out
