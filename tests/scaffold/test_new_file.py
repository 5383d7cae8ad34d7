import pytest

from harness.contracts.check_file import check_file
from harness.core.errors import InputError
from harness.core.plugin_files import PluginFolder
from harness.scaffold.new_file import KINDS, TEMPLATES, new_file
from tests.conftest import make_project


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "p")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_has_its_name_and_passes_the_check(kind, project):
    path = new_file(project, kind, "of_my_own")
    assert path.is_relative_to(project.root)
    assert path.stem == "of_my_own"
    text = path.read_text()
    assert "template" not in text.lower()
    assert kind == "study" or "class OfMyOwn(" in text
    found = check_file(path, project)
    assert (found.name, found.faults) == ("of_my_own", 0)


def test_there_is_a_template_of_every_kind():
    assert set(KINDS.values()) == {path.name for path in TEMPLATES.iterdir()} - {"project"}


def test_nothing_is_overwritten(project):
    new_file(project, "study", "mine").write_text("kept")
    with pytest.raises(InputError, match=r"studies/mine\.yaml: it is there already"):
        new_file(project, "study", "mine")
    assert (project.studies / "mine.yaml").read_text() == "kept"


@pytest.mark.parametrize("name", ["a-b", "1st", "class", "_shared", "../out", ""])
def test_a_name_that_is_no_modules_is_refused(name, project):
    with pytest.raises(InputError, match="a plug-in is a Python module, whose name has letters"):
        new_file(project, "regime", name)


def test_the_name_of_another_plugin_is_refused(project, use):
    with pytest.raises(InputError, match="joint: harness itself has a plug-in of this name"):
        new_file(project, "regime", "joint")
    first = new_file(project, "policy", "mine")
    use(PluginFolder.read(project.plugins))
    first.rename(first.with_name("moved_meanwhile.py"))
    with pytest.raises(InputError, match=r"mine: .*policies/mine\.py has a plug-in of this name"):
        new_file(project, "policy", "mine")
