"""Exit policies run from their own source, with nothing of harness: shipped ones and a user's."""

import subprocess
import sys

import numpy as np
import pytest

from harness.core.errors import InputError
from harness.core.plugin_files import PluginFolder
from harness.core.study_spec import PolicyChoice
from harness.core.types import ExitLogits
from harness.export.policy_export import write_policy
from harness.export.runtime_policy import CarriedPolicy
from harness.policies import POLICIES, policy_of
from harness.policies.predictions import apply_policy

OF_CLASSES = [n for n in POLICIES.names() if "classification" in POLICIES.get(n).tasks]

HEAD = '''"""Mine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from scipy.special import softmax

from harness.core.errors import InputError
from harness.core.parameters import bounded
from harness.policies import ExitPolicy

if TYPE_CHECKING:
    from harness.core.types import ExitLogits, Floats


@dataclass(frozen=True)
class Mine(ExitPolicy):
    """c_e = max p_e^power."""

    power: Annotated[float, bounded(0, 9, "power")] = 2.0

'''
PLAIN = """
    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        if outputs.values.ndim != 3:
            raise InputError("no outputs")
        return softmax(outputs.values.astype(float), axis=-1).max(-1) ** self.power
"""
SHARING = """
    def confidence(self, outputs, fit_on):
        from .._shared import shares
        from ._near import FLOOR
        import harness.policies.calibration as scaling
        return np.maximum(shares(outputs.values), FLOOR) / scaling.temperatures(fit_on).max()
"""
FITTING = """
    def fitted(self, fit_on):
        return {"mean": softmax(fit_on.values.astype(float), axis=-1).max(-1).mean(1)}

    def confidence(self, outputs, fit_on):
        mean = self.fitted(fit_on)["mean"]
        return (softmax(outputs.values.astype(float), axis=-1).max(-1) >= mean[:, None]) * 0.5
"""
PEEKING = """
    def confidence(self, outputs, fit_on):
        return softmax(outputs.values.astype(float), axis=-1).max(-1).mean(0, keepdims=True).repeat(3, 0)
"""  # noqa: E501


@pytest.fixture
def outputs():
    return outputs_of(3, 40)


def outputs_of(exits, samples):
    draw = np.random.default_rng(exits)
    values = (2 * draw.standard_normal((exits, samples, 4))).astype(np.float32)
    gates = draw.random((exits, samples)).astype(np.float32)
    return ExitLogits(values, draw.integers(0, 4, samples), gates)


@pytest.fixture
def mine(tmp_path, use):
    """Makes the policy `mine` of a folder of plug-ins, with two modules that it shares."""

    def make(text):
        folder = tmp_path / "plugins"
        (folder / "policies").mkdir(parents=True)
        (folder / "policies" / "mine.py").write_text(text)
        (folder / "policies" / "_near.py").write_text("FLOOR = 0.25\n")
        shared = "def shares(values):\n    return 1 / (1 + abs(values).max(-1).astype(float))\n"
        (folder / "_shared.py").write_text(shared)
        use(PluginFolder.read(folder))
        return PolicyChoice(name="mine")

    return make


@pytest.mark.parametrize("exits", [1, 5])
@pytest.mark.parametrize("calibrated", [False, True])
@pytest.mark.parametrize("name", OF_CLASSES)
def test_a_policy_of_harness_runs_from_its_source(tmp_path, name, calibrated, exits):
    if calibrated and POLICIES.get(name).uncalibrated_because:
        pytest.skip("refused by itself")
    choice = PolicyChoice(name=name, parameters={"calibrated": calibrated})
    outputs, fit_on = outputs_of(exits, 30), outputs_of(exits, 70)
    exported = write_policy(tmp_path, POLICIES, choice, outputs, fit_on)
    assert exported.packages == {}  # NumPy alone
    assert (exported.temperatures is not None) == calibrated
    assert (tmp_path / "fit_on.npz").is_file() == (name == "per_class")
    assert (tmp_path / "fitted.npz").is_file() == (name in {"beem", "pcee"})


def test_a_user_s_policy_runs_from_its_source(tmp_path, mine, outputs):
    exported = write_policy(tmp_path, POLICIES, mine(HEAD + PLAIN), outputs, outputs)
    assert (exported.module, exported.class_name) == ("plugins.policies.mine", "Mine")
    assert exported.digest == POLICIES.source_digest("mine")
    assert exported.packages == {}
    written = tmp_path / exported.files["plugins.policies.mine"]
    assert written.read_text() == HEAD + PLAIN
    assert not (tmp_path / "fit_on.npz").exists()


def test_what_it_imports_is_carried_and_what_it_is_fitted_on(tmp_path, mine, outputs):
    exported = write_policy(tmp_path, POLICIES, mine(HEAD + SHARING), outputs, outputs)
    assert {
        "plugins._shared", "plugins.policies._near", "harness.policies.calibration"
    } <= exported.files.keys()  # fmt: skip
    assert exported.packages.keys() == {"scipy"}  # of the calibration
    with np.load(tmp_path / "fit_on.npz") as kept:
        np.testing.assert_array_equal(kept["values"], outputs.values)


def test_its_tables_stand_for_what_they_were_made_of(tmp_path, mine, outputs):
    choice = mine(HEAD + FITTING)
    write_policy(tmp_path, POLICIES, choice, outputs, outputs)
    with np.load(tmp_path / "fitted.npz") as tables:
        assert tables["mean"].shape == (3,)
    assert not (tmp_path / "fit_on.npz").exists()
    assert set(apply_policy(policy_of(choice), outputs, outputs).confidence.flat) == {0, 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace("core.errors import InputError", "core.files import content_key") + PLAIN,
         r"plugins\.policies\.mine imports harness\.core\.files, which an export cannot carry; of"),
        (HEAD.replace("import ExitPolicy", "import POLICIES, ExitPolicy") + PLAIN,
         r"imports harness\.policies\.POLICIES, which an export cannot carry"),
        (HEAD + PEEKING, "at exit 1 it depends on deeper exits.* otherwise on 40 of 40 samples"),
        (HEAD.replace("core.errors import InputError", "core.errors import InputErr")
         .replace("raise InputError", "raise InputErr") + PLAIN, "cannot import name 'InputErr'"),
    ],
    ids=["layer", "registry", "deeper", "missing"],
)  # fmt: skip
def test_what_cannot_be_carried_is_said(tmp_path, mine, outputs, text, message):
    with pytest.raises(InputError, match=message):
        write_policy(tmp_path, POLICIES, mine(text), outputs, outputs)


def test_a_package_that_it_needs_is_named(tmp_path, mine, outputs):
    text = HEAD.replace("import numpy as np", "import numpy as np\nimport sklearn.isotonic")
    exported = write_policy(tmp_path, POLICIES, mine(text + PLAIN), outputs, outputs)
    assert exported.packages.keys() == {"scikit-learn"}
    manifest = exported.model_dump() | {"packages": {"numpy": "0", "of-no-one": "1.5"}}
    with pytest.raises(ImportError, match=r"needs of-no-one==1\.5, not installed: pip install of-"):
        CarriedPolicy(tmp_path, manifest, 3)


def test_a_policy_of_an_installed_distribution_is_carried(tmp_path, outputs, installed):
    package = installed(policies="sharp = mine_of_test.sharp")
    (package / "sharp.py").write_text(HEAD + PLAIN + "\nfrom mine_of_test.shared import X\n")
    exported = write_policy(tmp_path, POLICIES, PolicyChoice(name="sharp"), outputs, outputs)
    assert exported.module == "mine_of_test.sharp"
    assert {"mine_of_test.sharp", "mine_of_test.shared"} <= exported.files.keys()
    assert exported.packages == {}


ALONE = """
import sys
sys.modules["harness"] = sys.modules["scipy"] = None
sys.path.insert(0, sys.argv[1])
import numpy as np, json
from pathlib import Path
from runtime_policy import CarriedPolicy
folder = Path(sys.argv[2])
manifest = json.loads((folder / "policy.json").read_text())
values = np.load(folder / "values.npy")
print(CarriedPolicy(folder, manifest, 3).at_newest(values[:2], None)[1].tolist())
"""


def test_it_runs_where_neither_harness_nor_scipy_is(tmp_path, mine, outputs):
    import harness.export

    choice = mine(HEAD + PLAIN)
    exported = write_policy(tmp_path, POLICIES, choice, outputs, outputs)
    (tmp_path / "policy.json").write_text(exported.model_dump_json())
    np.save(tmp_path / "values.npy", outputs.values)
    command = [sys.executable, "-c", ALONE, *harness.export.__path__, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    expected = apply_policy(policy_of(choice), outputs, outputs).confidence[1].tolist()
    assert done.stdout.strip() == str(expected)
