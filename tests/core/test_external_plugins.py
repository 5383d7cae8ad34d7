"""Plug-ins of installed distributions, which entry points name."""

import pytest

from harness.core.errors import InputError
from harness.core.external_plugins import external_digest
from harness.core.plugin_files import PluginFolder
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.scaffold.new_file import TEMPLATES


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
