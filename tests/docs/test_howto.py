"""What the how-to guides show of plug-ins and studies is what `harness new` and `launch` take."""

import re
import shlex

import pytest

from docs._ext.generated import ROOT
from harness.core.project import Project
from harness.core.types import DataShape
from harness.core.yaml_file import parse_yaml, read_yaml
from harness.scaffold.new_file import new_file
from harness.study.checks import check, stacking_notes
from harness.study.plan import plan
from harness.study.study_file import read_study, study_of

SHOWN = [
    ("own-network", "backbone", "mlp"),
    ("own-regime", "regime", "mine"),
    ("own-policy", "policy", "gap"),
    ("own-policy", "selection", "thirds"),
    ("own-data", "dataset", "wines"),
]
OTHERWISE = {
    'found = np.load(raw / "samples.npz")  # of data/raw/wines/',
    'values=found["values"],',
    'labels=found["labels"].astype(np.int64),',
    "positions=none.reshape(0, 2),  # row and column of pixels of one scene",
    "test=none,  # indices of a canonical test part",
}
"""Lines that read data of one's own, in place of the template's."""


def page(name):
    return (ROOT / "docs" / "howto" / f"{name}.md").read_text(encoding="utf-8")


def blocks(name, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.M | re.S)


def without_docstrings(text):
    """The lines of code that a page may not change; docstrings are shortened there."""
    text = re.sub(r'"""(.*?)"""', "", text, flags=re.S)
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(("name", "kind", "plugin"), SHOWN)
def test_the_code_shown_is_that_of_the_template(tmp_path, name, kind, plugin):
    template = new_file(Project(tmp_path), kind, plugin).read_text(encoding="utf-8")
    title = re.search(r"^class (\w+)\(", template, re.M)[1]
    (shown,) = [block for block in blocks(name, "python") if f"class {title}(" in block]
    written = {*without_docstrings(template), *OTHERWISE}
    assert [line for line in without_docstrings(shown) if line not in written] == []


def test_the_study_shown_is_read(tmp_path):
    (text,) = [block for block in blocks("own-regime", "yaml") if block.startswith("name:")]
    (tmp_path / "wines.yaml").write_text(text, encoding="utf-8")
    study = read_study(tmp_path / "wines.yaml")
    assert (study.policy.name, study.backbone.name, set(study.regimes)) == (
        "gap",
        "mlp",
        {"joint", "mine", "single_exit"},
    )


def test_the_thrifty_study_shown_may_be_launched():
    (text,) = blocks("fewer-trainings", "yaml")
    study = study_of(parse_yaml(text, "page"), "page")
    check(study, "page")
    assert (study.promote.after, study.stop.no_gain, len(study.enqueue)) == (1, 5, 2)
    shown = re.search(r"`fidelity: (\{.+?\})`", page("fewer-trainings"))[1]
    others = {"promote": None, "enqueue": [], "training": {}, "fidelity": parse_yaml(shown, "page")}
    longest = study_of({**parse_yaml(text, "page"), **others}, "page").fidelity.epochs[-1]
    assert longest == 45


def test_the_stacked_study_shown_is_read(tmp_path):
    (text,) = blocks("stacks", "yaml")
    (tmp_path / "many.yaml").write_text(text, encoding="utf-8")
    study = read_study(tmp_path / "many.yaml")
    assert study.stack == len(study.seeds)
    planned = plan(study)
    assert {turn.regime for turn in planned} == set(study.regimes)


def test_the_notes_shown_of_a_stack_are_those_of_the_dry_run():
    """But for the first line, the command."""
    (text,) = blocks("stacks", "text")
    command, *shown = text.splitlines()
    changes = [word for word in shlex.split(command) if "=" in word]
    study = read_study(ROOT / "studies" / "quickstart.yaml", changes)
    found = stacking_notes(study, DataShape((1, 8, 8), 10, "classification"))
    assert [line.removeprefix("note: ") for line in shown] == list(found)


def test_the_split_shown_is_read(tmp_path):
    (text,) = blocks("own-data", "yaml")
    (tmp_path / "params.yaml").write_text(f"splits:\n{text}", encoding="utf-8")
    assert read_yaml(tmp_path / "params.yaml")["splits"]["wines"]["calibration"] == 0.1
