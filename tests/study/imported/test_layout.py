"""Where outputs lie, and what is said where they do not."""

import pytest

from harness.core.errors import InputError
from harness.study.imported.layout import found_places
from tests.study.imported.outputs import write


def test_networks_are_found_in_the_order_of_configurations_regimes_and_seeds(tmp_path):
    for regime, configuration, seed in (
        ("b", "10", 1), ("a", "10", 2), ("a", "10", 11), ("a", "9", 0), ("b", "x", 0),
    ):  # fmt: skip
        write(tmp_path, regime, configuration, seed)
    (tmp_path / "import.yaml").write_text("")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("")
    found = [(p.configuration, p.regime, p.seed) for p in found_places(tmp_path)]
    assert found == [
        ("9", "a", 0), ("10", "a", 2), ("10", "a", 11), ("10", "b", 1), ("x", "b", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ((), "no network in it; REGIME/CONFIGURATION/SEED.npz is wanted"),
        (("a/b/",), "no network in it"),
        (("0.npz",), "0.npz: does not lie where networks do, REGIME/CONF"),
        (("a/0.npz",), "0.npz: does not lie where networks do"),
        (("a/b/c/",), "c: a folder in place of SEED.npz"),
        (("a/b/x.npz",), "x.npz: named after its seed, a whole number from 0 to 4294967295"),
        (("a/b/01.npz",), "01.npz: named after its seed"),
        (("a/b/4294967296.npz",), "named after its seed"),
        (("a b/c/0.npz",), "a b: the name of a regime or configuration begins with a letter"),
        (("a/con/0.npz",), "con: the name of a regime or configuration"),
    ],
)
def test_what_lies_elsewhere_is_named(tmp_path, paths, message):
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).mkdir() if path.endswith("/") else (tmp_path / path).touch()
    with pytest.raises(InputError, match=message):
        found_places(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="none: no such folder; it holds REGIME/"):
        found_places(tmp_path / "none")
