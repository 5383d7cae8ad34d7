"""The page of findings: its tables and picture are those of results/findings.json."""

import re

import pytest
import yaml

from docs.findings_cells import STUDIES
from docs.findings_page import (
    PAGE,
    PICTURES,
    PUBLISHED,
    TABLES,
    with_tables,
)
from harness.core.records import read_record
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.findings import FINDINGS, Findings, StudyFindings
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def rows():
    return read_record(REPOSITORY / "results" / FINDINGS, Findings).rows


def test_the_page_shows_the_findings_as_they_are(rows):
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page, rows) == page
    for name, draw in PICTURES.items():
        assert draw(rows) == PAGE.with_name(name).read_text(encoding="utf-8")
        assert f"]({name})" in page


def test_a_p_value_that_four_digits_do_not_show_is_said_to_be_less(rows):
    shown = TABLES["pooled"](rows)
    assert "<0.0001 |" in shown
    assert " 0.0000 |" not in shown


def test_each_table_has_a_place_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- table: (\w+) -->", page)) == set(TABLES)


def test_its_studies_are_those_of_the_stage_and_have_study_files():
    named = yaml.safe_load((REPOSITORY / "dvc.vars.yaml").read_text())["findings"]
    assert set(named) == set(STUDIES)
    for study in STUDIES:
        assert (REPOSITORY / "studies" / f"{study}.yaml").is_file()


def test_findings_are_of_the_confirmations_that_git_holds(rows):
    for study in {row.study for row in rows}:
        folder = REPOSITORY / "results" / study
        own = read_record(confirmation_folder(folder) / FINDINGS, StudyFindings)
        assert own.recorded == confirmed(folder).recorded_digest()
        assert own.rows == tuple(row for row in rows if row.study == study)


def test_a_gain_is_bold_where_it_is_significant_and_a_verdict_is_the_interval_s(rows):
    some = next(row for row in rows if row.regime == "soft_cgt" and row.budget == 1.0)
    changed = {"study": "cgt_patch_5", "policy": "max_softmax", "cost_axis": "macs"}
    wanted = PUBLISHED["soft_cgt"][0]

    def made(**more):
        return some.model_copy(update={**changed, **more})

    gain = {"gain": 0.01, "gain_low": 0.005, "gain_high": 0.015}
    assert "**+0.0100 [+0.0050, +0.0150]**" in TABLES["gains"]([made(p_holm=0.01, **gain)])
    assert "**" not in TABLES["gains"]([made(p_holm=0.2, **gain)])
    for low, high, verdict in (
        (wanted + 0.01, wanted + 0.02, "beaten"),
        (wanted - 0.01, wanted + 0.02, "reproduced"),
        (wanted - 0.02, wanted - 0.01, "not reached"),
    ):
        best = made(f1_weighted_low=low, f1_weighted_high=high)
        near = best.model_copy(update={"budget": None, "at_routing": (0.6, 0.213, 0.187)})
        assert TABLES["published"]([best, near]).count(verdict) == 2
