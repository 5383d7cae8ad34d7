import pickle
import sys

import pytest

from harness.core.errors import InputError
from harness.core.plugin_files import PluginFolder
from harness.regimes import REGIMES

MINE = '''"""A regime of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from harness.core.parameters import bounded
from harness.regimes import Regime

from .._everywhere import WORD
from ._shared import DEFAULT


@dataclass(frozen=True)
class Mine(Regime):
    strength: Annotated[float, bounded(0, 1, "how much of it")] = DEFAULT
    word = WORD
'''


@pytest.fixture
def folder(tmp_path):
    """A folder with a regime, what it imports from beside it, and two broken ones."""
    files = {
        "_everywhere.py": "WORD = 'w'\n",
        "regimes/_shared.py": "DEFAULT = 0.25\n",
        "regimes/mine.py": MINE,
        "regimes/unfinished.py": "def f(:\n",
        "regimes/lacking.py": "import torch\n\nimport no_such_module\n",
        "notes/regimes.py": "raise SystemExit\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_plugin_and_what_it_imports_from_beside_it(folder, use):
    use(PluginFolder.read(folder))
    assert {"mine", "joint"} <= set(REGIMES.names())
    plugin = REGIMES.get("mine")
    assert (plugin().strength, plugin.word) == (0.25, "w")
    assert REGIMES.name_of(plugin()) == "mine"
    assert REGIMES.summary("mine") == "A regime of one's own."
    assert REGIMES.get("mine") is plugin
    use()
    with pytest.raises(InputError, match="unknown name 'mine' in regimes"):
        REGIMES.get("mine")


def test_reading_and_listing_import_nothing_and_change_no_path(folder, use):
    before = set(sys.modules), list(sys.path)
    use(PluginFolder.read(folder))
    assert "mine" in REGIMES.names()
    assert REGIMES.summary("unfinished") == ""
    REGIMES.source_digest("lacking")
    assert (set(sys.modules), sys.path) == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unfinished", r"regimes/unfinished\.py, line 1: invalid syntax"),
        ("lacking", r"regimes/lacking\.py, line 3: ModuleNotFoundError: .*'no_such_module'"),
    ],
)
def test_a_broken_file_stops_only_who_asks_for_it(name, message, folder, use):
    use(PluginFolder.read(folder))
    with pytest.raises(InputError, match=message):
        REGIMES.get(name)
    assert REGIMES.get("mine")


@pytest.mark.parametrize("file", ["regimes/mine.py", "regimes/_shared.py", "_everywhere.py"])
def test_an_edited_file_is_another_plugin(file, folder, use):
    use(PluginFolder.read(folder))
    before = REGIMES.source_digest("mine"), REGIMES.get("mine")
    path = folder / file
    path.write_text(path.read_text() + "\n# only a remark\n")
    use(PluginFolder.read(folder))
    assert REGIMES.source_digest("mine") == before[0]
    path.write_text(path.read_text().replace("0.25", "0.5").replace("'w'", "'v'") + "\nMORE = 1\n")
    assert REGIMES.source_digest("mine") == before[0]  # not before it is read again
    use(PluginFolder.read(folder))
    assert REGIMES.source_digest("mine") != before[0]
    assert REGIMES.get("mine") is not before[1]


def test_the_digest_depends_on_the_contract_and_not_on_the_place(folder, tmp_path_factory, use):
    use(PluginFolder.read(folder))
    before = REGIMES.source_digest("mine")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    folder.rename(elsewhere)
    use(PluginFolder.read(elsewhere))
    assert REGIMES.source_digest("mine") == before
    assert before != REGIMES.source_digest("joint")


def test_what_was_read_is_what_runs_wherever_it_is_sent(folder, use):
    read = pickle.loads(pickle.dumps(PluginFolder.read(folder)))  # noqa: S301 -- made here
    for path in folder.rglob("*.py"):
        path.unlink()
    use(read)
    assert REGIMES.get("mine")().strength == 0.25


def test_two_of_one_name_are_refused_by_the_names_of_both_files(folder, tmp_path_factory, use):
    other = tmp_path_factory.mktemp("other")
    (other / "regimes").mkdir()
    (other / "regimes" / "mine.py").write_text(MINE)
    use(PluginFolder.read(folder), PluginFolder.read(other))
    with pytest.raises(InputError) as error:
        REGIMES.names()
    for each in (folder, other):
        assert str(each / "regimes" / "mine.py") in str(error.value)
    (other / "regimes" / "mine.py").rename(other / "regimes" / "joint.py")
    use(PluginFolder.read(other))
    with pytest.raises(InputError, match=r"joint\.py: harness itself .* has a plug-in 'joint'"):
        REGIMES.get("joint")


def test_a_file_too_large_to_be_written_by_hand_is_refused(folder):
    (folder / "regimes" / "large.py").write_text("#" * (2**20 + 1))
    with pytest.raises(InputError, match=r"large\.py: 1,048,577 bytes; a plug-in has at most"):
        PluginFolder.read(folder)


def test_a_folder_that_is_not_there_holds_none(tmp_path):
    assert PluginFolder.read(tmp_path / "none").files == ()
