"""Plug-ins of installed distributions, which entry points name."""

import sys

import pytest

from harness.core import external_plugins
from harness.core.errors import InputError
from harness.core.external_plugins import external_digest
from harness.core.plugin_files import PluginFolder
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.scaffold.new_file import TEMPLATES


@pytest.fixture
def installed(tmp_path, monkeypatch, use):
    """Installs a distribution with a package `mine` that has these entry points."""
    monkeypatch.syspath_prepend(tmp_path)
    external_plugins._installed.cache_clear()

    def install(**entry_points):
        package, metadata = tmp_path / "mine_of_test", tmp_path / "mine_of_test-1.0.dist-info"
        for folder in (package, metadata):
            folder.mkdir()
        (package / "__init__.py").touch()
        regime = (TEMPLATES / "regimes" / "template.py").read_text()
        (package / "sharp.py").write_text(f"{regime}\nfrom mine_of_test.shared import X\n")
        (package / "shared.py").write_text("X = 1\n")
        (metadata / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: mine-of-test\nVersion: 1.0\n"
        )
        lines = (f"[harness.{kind}]\n{entry}\n" for kind, entry in entry_points.items())
        (metadata / "entry_points.txt").write_text("\n".join(lines))
        use(PluginFolder(package, ()))  # whoever has looked before looks again
        return package

    yield install
    external_plugins._installed.cache_clear()
    for name in [name for name in sys.modules if name.startswith("mine_of_test")]:
        del sys.modules[name]


def test_an_entry_point_names_a_plugin(installed):
    package = installed(regimes="sharp = mine_of_test.sharp")
    assert "sharp" in REGIMES.names()
    assert REGIMES.get("sharp")().strength == 0.5
    assert REGIMES.external()["sharp"].origin == "mine_of_test.sharp of mine-of-test 1.0"
    before = REGIMES.external()["sharp"].digest("harness.regimes")
    (package / "shared.py").write_text("X = 2\n")
    assert REGIMES.external()["sharp"].digest("harness.regimes") != before


def test_its_name_is_its_modules(installed):
    installed(regimes="blunt = mine_of_test.sharp")
    with pytest.raises(InputError, match=r"sharp\.py: named 'blunt'; a plug-in's name is its file"):
        REGIMES.get("blunt")


def test_one_that_cannot_be_imported_says_which_distribution_it_is_of(installed):
    installed(regimes="lost = mine_of_test.lost")
    with pytest.raises(
        InputError, match=r"mine_of_test\.lost of mine-of-test 1\.0: ModuleNotFound"
    ):
        REGIMES.get("lost")


def test_the_digest_of_a_policy_without_its_registry(use, tmp_path):
    (tmp_path / "policies").mkdir()
    text = (TEMPLATES / "policies" / "template.py").read_text()
    (tmp_path / "policies" / "template.py").write_text(text)
    use(PluginFolder.read(tmp_path))
    assert external_digest("policies", "template") == POLICIES.source_digest("template")
    assert external_digest("policies", "max_softmax") == ""
