"""Files of plug-ins are those that the registries find."""

import pytest

from harness.core.known_plugins import _registered, plugin_files
from harness.core.plugin_files import PluginFolder
from tests.core.test_declared import REGISTRIES


@pytest.mark.parametrize("kind", REGISTRIES)
def test_names_and_contract_are_the_registry_s(kind):
    found, registry = plugin_files(kind), REGISTRIES[kind]
    assert tuple(sorted(found.files)) == registry.names()
    assert found.package == registry.package
    assert found.contract == f"{registry.base.__module__}.{registry.base.__name__}"
    assert all(file.is_file() for file in found.files.values())


def test_folders_in_use_add_files(tmp_path, use):
    mine = tmp_path / "regimes" / "mine.py"
    mine.parent.mkdir(parents=True)
    mine.touch()
    use(PluginFolder.read(tmp_path))
    assert plugin_files("regimes").files["mine"] == mine
    assert "mine" not in plugin_files("policies").files


def test_a_package_without_a_registry_is_told(tmp_path):
    (tmp_path / "__init__.py").write_text("print(1)")
    with pytest.raises(ValueError, match="no Registry"):
        _registered(tmp_path / "__init__.py")
