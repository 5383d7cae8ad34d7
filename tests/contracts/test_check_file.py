"""A template of every kind keeps its contract, and each check sees the breach that it is for."""

import json
import re

import pytest

from harness.cli import app
from harness.contracts.check_file import check_file
from harness.core.errors import InputError
from harness.core.plugin_files import KINDS
from harness.scaffold.new_file import TEMPLATES
from tests.conftest import make_project

BREACHES = [
    ("regimes", "known])", "known * 9])", "not negative", r"smallest weight -"),
    ("regimes", "self.strength * known", "9 * known", r"lie in \[0, 1\]", "from -"),
    (
        "regimes",
        "index = labels",
        "labels = labels.flip(0)\n        index = labels",
        "order of the samples",
        "other weights in another order",
    ),
    (
        "regimes",
        "    def eligibility",
        "    def outputs(self, logits):\n        return logits.flip(0)\n\n    def eligibility",
        "does not depend on deeper exits",
        "exit 1 alone puts out something else",
    ),
    (
        "regimes",
        "    def eligibility",
        "    def losses(self, logits, labels):\n"
        "        return 2 * super().losses(logits, labels)\n\n    def eligibility",
        "plain likelihood loss",
        "loss .*, likelihood ",
    ),
    (
        "regimes",
        "    def eligibility",
        "    def plan(self, exits):\n"
        "        return (Phase(0.5, stages=(1,), heads=(1,)),)\n\n    def eligibility",
        "share out all epochs",
        "1 exits: the shares sum to 0.5",
    ),
    (
        "regimes",
        "        return torch.cat(",
        "        import random\n\n"
        "        known = known * random.random()\n        return torch.cat(",
        "twice with the same weights",
        "another training of the same seed",
    ),
    (
        "backbones",
        "nn.ReLU(),",
        "nn.Softmax(0),",
        "do not influence each other",
        "logits of a batch of 2 differ",
    ),
    (
        "backbones",
        "if len(input_shape) not in {2, 3}",
        "if False",
        "are refused",
        r"it took inputs of shape \[3, 4, 5, 6\]",
    ),
    (
        "policies",
        "shares.max(-1) ** self.power",
        "3 * shares.max(-1)",
        r"in \[0, 1\]",
        "from .* to 2.5",
    ),
    (
        "policies",
        "shares.max(-1) ** self.power",
        "shares.max(-1) * (outputs.labels % 2)",
        "labels of the samples",
        "other labels give other",
    ),
    (
        "policies",
        "shares.max(-1) ** self.power",
        "shares.max(-1) * np.linspace(0, 1, shares.shape[1])",
        "order of the samples",
        "another order changes them",
    ),
    (
        "policies",
        "shares.max(-1) ** self.power",
        "shares.max(-1)[::-1]",
        "depend on deeper exits",
        "confidence of earlier exits changes",
    ),
    (
        "policies",
        "values = outputs.values.astype(np.float64)",
        "values = outputs.values; values += 1",
        "does not change the outputs",
        "changed in place",
    ),
    (
        "selections",
        "np.linspace(0, 1, self.steps)[:, None]",
        "np.linspace(0, np.nan, self.steps)[:, None]",
        "none of them NaN",
        "a threshold is NaN",
    ),
    ("selections", "exits - 1, axis=1", "exits, axis=1", "threshold vectors", r"shape \[50, 2\]"),
    (
        "selections",
        "np.linspace(0, 1, self.steps)",
        "np.random.default_rng().random(self.steps)",
        "chooses the same again",
        "a second call chooses otherwise",
    ),
    (
        "datasets",
        '("barolo", "grignolino", "barbera")',
        '("barolo", "grignolino")',
        "labels within its classes",
        "labels outside its classes, found 2",
    ),
    ("datasets", '"grignolino"', '"barolo"', "each once", "a name comes twice"),
    (
        "datasets",
        "data.values[indices.train]",
        "data.values[np.concatenate([indices.train, indices.test])]",
        "not by those of all samples",
        "change with the samples of the other parts",
    ),
    (
        "datasets",
        "values=values,",
        "values=values.reshape(89, 26, 1),",
        "have positions",
        "without positions",
    ),
]


@pytest.fixture
def checked(tmp_path, use):
    """Checks the template of a kind, with a text replaced."""

    def run(kind, sound="", broken=""):
        text = (TEMPLATES / kind / "template.py").read_text()
        changed = text.replace(sound, broken)
        assert sound == "" or changed != text
        changed = changed.replace("import Regime\n", "import Phase, Regime\n")
        path = tmp_path / kind / "template.py"
        path.parent.mkdir()
        path.write_text(changed)
        use()
        return check_file(path, make_project(tmp_path / "project"))

    return run


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_keeps_the_contract_of_its_kind(kind, checked):
    found = checked(kind)
    assert (found.kind, found.name, found.faults) == (kind, "template", 0)
    assert not any(finding.missing for finding in found.findings)


@pytest.mark.parametrize(("kind", "sound", "broken", "promise", "fault"), BREACHES)
def test_a_breach_is_said_in_words(kind, sound, broken, promise, fault, checked):
    faults = [finding for finding in checked(kind, sound, broken).findings if finding.fault]
    assert any(re.search(promise, f.promise) and re.search(fault, f.fault) for f in faults), faults


def test_what_cannot_be_imported_says_where(checked):
    found = checked("regimes", "import torch\n", "import torhc\n")
    (finding,) = found.findings
    assert finding.fault.endswith(
        "template.py, line 6: ModuleNotFoundError: No module named 'torhc'"
    )


def test_an_error_of_its_own_says_where(checked):
    faults = [f.fault for f in checked("policies", "** self.power", "** self.pwoer").findings]
    said = next(fault for fault in faults if fault)
    assert "AttributeError: 'Template' object has no attribute 'pwoer'" in said
    assert "template.py, line " in said


def test_raw_files_that_are_missing_are_said(checked):
    found = checked(
        "datasets",
        "    # Files to fetch",
        '    files = (RawFile("samples.npz", (), ()),)\n    # Files to fetch',
    )
    assert found.faults == 1  # RawFile is not imported
    assert "NameError: name 'RawFile'" in found.findings[0].fault


def test_a_study_is_checked_as_launch_does(tmp_path):
    project = make_project(tmp_path / "p")
    path = project.studies / "quickstart.yaml"
    assert check_file(path, project).faults == 0
    path.write_text(path.read_text().replace("hard_cgt:", "hard_ctg:"))
    (finding,) = check_file(path, project).findings
    assert "unknown name 'hard_ctg' in regimes; did you mean 'hard_cgt'?" in finding.fault


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.py", "no such file"),
        ("elsewhere/mine.py", "in a folder named as its kind, found elsewhere/; allowed are"),
    ],
)
def test_what_is_no_plugin_is_refused(name, message, tmp_path):
    if "/" in name:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=message):
        check_file(tmp_path / name, None)


def test_the_command_ends_with_2_where_a_file_breaks_its_contract(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "policies"
    folder.mkdir()
    text = (TEMPLATES / "policies" / "template.py").read_text()
    (folder / "sound.py").write_text(text)
    (folder / "broken.py").write_text(text.replace("** self.power", "+ 1"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["harness", "check", "policies/sound.py", "--json"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    (found,) = json.loads(capsys.readouterr().out)
    assert (ended.value.code, found["kind"], found["name"]) == (0, "policies", "sound")
    monkeypatch.setattr("sys.argv", ["harness", "check", "policies/sound.py", "policies/broken.py"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    said = capsys.readouterr().out
    assert ended.value.code == 2
    assert "policies/broken.py: policies broken\n" in said
    assert "  FAULT   Confidences are float64 [E, N] in [0, 1]\n          from 1.25 to " in said
