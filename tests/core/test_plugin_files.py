"""Files of plug-ins are those that the registries find."""

import pytest

from harness.core.plugin_files import _registered, plugin_files
from tests.core.test_declared import REGISTRIES


@pytest.mark.parametrize("kind", REGISTRIES)
def test_names_and_contract_are_the_registry_s(kind, tmp_path):
    found, registry = plugin_files(kind, tmp_path), REGISTRIES[kind]
    assert tuple(sorted(found.files)) == registry.names()
    assert found.package == registry.package
    assert found.contract == f"{registry.base.__module__}.{registry.base.__name__}"
    assert all(file.is_file() for file in found.files.values())


def test_a_project_adds_files(tmp_path):
    mine = tmp_path / "plugins" / "regimes" / "mine.py"
    mine.parent.mkdir(parents=True)
    mine.touch()
    assert plugin_files("regimes", tmp_path).files["mine"] == mine
    assert "mine" not in plugin_files("policies", tmp_path).files


def test_a_package_without_a_registry_is_told(tmp_path):
    (tmp_path / "__init__.py").write_text("print(1)")
    with pytest.raises(ValueError, match="no Registry"):
        _registered(tmp_path / "__init__.py")
