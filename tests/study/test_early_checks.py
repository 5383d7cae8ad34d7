"""Names that there are not are refused before anything slow is imported."""

import subprocess
import sys

import pytest
import yaml

from harness.core.errors import InputError
from harness.core.plugin_files import PluginFolder
from harness.core.project import Project
from harness.study.early_checks import check_names
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY

SLOW = ("torch", "mlflow", "optuna", "pandas")
TYPOS = [
    ({"split": "digit"}, r"params.yaml: no split 'digit'; did you mean 'digits'\? Known: digits, "),
    ({"split": "nothing"}, r"no split 'nothing'; known: digits, "),
    ({"backbone__name": "imge_cnn"}, r"'imge_cnn' in backbones; did you mean 'image_cnn'\? Known"),
    ({"backbone__parameters": {"wdths": [3]}},
     r"study.yaml: backbone image_cnn: wdths: no such field; did you mean 'widths'\? Allowed: "),
    ({"training__epoch": 3}, r"training: epoch: no such field; did you mean 'epochs'\? Allowed: "),
    ({"regimes__jonit": {}}, r"unknown name 'jonit' in regimes; did you mean 'joint'\? Known: b"),
    ({"regimes__hard_cgt": {"betta": 1}},
     r"regimes.hard_cgt: betta: no such field; did you mean 'beta'\? Allowed: lambda_start, "),
    ({"policy": {"name": "max_sofmax"}}, r"in policies; did you mean 'max_softmax'\? Known: b"),
    ({"policy": {"parameters": {"x": 1}}}, r"policy max_softmax: x: no such field. Allowed: "),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), TYPOS, ids=str)
def test_a_typo_is_refused_with_what_was_meant(written, changes, message):
    file = written(**changes)
    with pytest.raises(InputError, match=message):
        check_names(read_study(file), str(file), Project(REPOSITORY))


def test_all_typos_are_told_at_once(written):
    file = written(split="digit", training__epoch=3, regimes__jonit={})
    with pytest.raises(InputError) as caught:
        check_names(read_study(file), str(file), Project(REPOSITORY))
    assert str(caught.value).count("did you mean") == 3


@pytest.mark.parametrize("study", sorted((REPOSITORY / "studies").glob("*.yaml")), ids=str)
def test_every_study_passes(study):
    check_names(read_study(study), str(study), Project(REPOSITORY))


def test_a_data_set_s_names_are_those_of_the_split(written, tmp_path):
    plain = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    plain["splits"]["digits"]["parameters"] = {"patch": 3}
    plain["splits"]["diabetes"]["dataset"] = "diabets"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(plain))
    file = written()
    with pytest.raises(InputError, match=r"params.yaml: split digits: parameters: patch: no such"):
        check_names(read_study(file), str(file), Project(tmp_path))
    study = read_study(file, ["split=diabetes"])
    with pytest.raises(InputError, match=r"'diabets' in datasets; did you mean 'diabetes'\?"):
        check_names(study, str(file), Project(tmp_path))


def test_a_plugin_whose_source_does_not_tell_is_left_to_the_full_check(written, tmp_path, use):
    (tmp_path / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    mine = tmp_path / "plugins" / "regimes" / "mine.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("")
    use(PluginFolder.read(tmp_path / "plugins"))
    file = written(regimes__mine={"what": 1})
    check_names(read_study(file), str(file), Project(tmp_path))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "arguments",
    [
        ["none.yaml"],
        ["studies/quickstart.yaml", "--set", "metods=1"],
        *(["studies/quickstart.yaml", "--set", f"{name}=1"] for name in (
            "split", "backbone.name", "regimes.joint.presett", "training.epoch")),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_typo_costs_no_slow_import(arguments):
    code = (
        "import sys\nfrom harness.cli.app import main\n"
        f"sys.argv = {['harness', 'launch', *arguments]}\n"
        f"try: main()\nfinally: print([m for m in {SLOW} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "[]\n")
    assert done.stderr.startswith("error: ")
