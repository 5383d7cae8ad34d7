"""Parameters read off the source are those that the imported class takes."""

import dataclasses

import pytest

from harness.core.declared import declared_parameters
from harness.core.known_plugins import plugin_files
from harness.core.plugin_files import KINDS
from harness.data.sets import DATASETS
from harness.frontier.selections import SELECTIONS
from harness.models.backbones import BACKBONES
from harness.policies import POLICIES
from harness.regimes import REGIMES

REGISTRIES = {
    "datasets": DATASETS,
    "backbones": BACKBONES,
    "regimes": REGIMES,
    "policies": POLICIES,
    "selections": SELECTIONS,
}
PLUGINS = [(kind, name) for kind, registry in REGISTRIES.items() for name in registry.names()]
HEAD = """
from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from harness.regimes import Regime
"""
INHERITED = tuple(field.name for field in dataclasses.fields(REGIMES.base))


def test_every_kind_has_a_registry():
    assert set(REGISTRIES) == set(KINDS)


@pytest.mark.parametrize(("kind", "name"), PLUGINS, ids="-".join)
def test_what_is_read_is_what_the_plugin_takes(kind, name):
    found = plugin_files(kind)
    plugin = REGISTRIES[kind].get(name)
    expected = tuple(field.name for field in dataclasses.fields(plugin))
    assert declared_parameters(found.files[name], found.contract) == expected


def declared(tmp_path, source):
    file = tmp_path / "mine.py"
    file.write_text(HEAD + source)
    return declared_parameters(file, "harness.regimes.Regime")


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("    pass", ()),
        ("    a: int = 1\n    b: ClassVar[int] = 2\n    c: 'ClassVar[int]' = 3", ("a",)),
        ("    a: Annotated[float, 1] = 1.0\n    plain = 2", ("a",)),
        ("    a: list = field(default_factory=list)", ("a",)),
        ("    eps: ClassVar[float] = 0.0", None),
    ],
)
def test_fields_and_class_variables(tmp_path, body, own):
    found = declared(tmp_path, f"@dataclass(frozen=True)\nclass Mine(Regime):\n{body}\n")
    if own is None:
        assert found == tuple(name for name in INHERITED if name != "eps")
    else:
        assert found == INHERITED + own


def test_bases_in_the_file_and_in_helpers_count(tmp_path):
    found = declared(
        tmp_path,
        "from harness.models.backbones.convolutional import PooledBackbone as Other\n"
        "@dataclass\nclass _Base(Regime):\n    a: int = 1\n"
        "class Plain(_Base):\n    no_field: int = 1\n",
    )
    assert found is None  # two classes extend the contract
    found = declared(
        tmp_path,
        "class Mixin:\n    no_field: int = 1\n"
        "@dataclass\nclass Mine(Mixin, Regime):\n    a: int = 1\n",
    )
    assert found == (*INHERITED, "a")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "class Mine(Regime",
        "from elsewhere import Base\n@dataclass\nclass Mine(Base, Regime):\n    a: int = 1\n",
        "@dataclass\nclass Mine(Regime):\n    def __init__(self, b): ...\n",
        "@dataclass\nclass Mine(Regime):\n    a: int = field(default=1, init=False)\n",
        "@dataclass\n@other\nclass Mine(Regime):\n    a: int = 1\n",
    ],
)
def test_what_the_source_does_not_tell_is_left_open(tmp_path, source):
    assert declared(tmp_path, source) is None


def test_a_missing_file_and_an_unknown_contract_are_left_open(tmp_path):
    assert declared_parameters(tmp_path / "none.py", "harness.regimes.Regime") is None
    file = plugin_files("regimes").files["joint"]
    assert declared_parameters(file, "harness.regimes.Nothing") is None
    assert declared_parameters(file, "elsewhere.Regime") is None
