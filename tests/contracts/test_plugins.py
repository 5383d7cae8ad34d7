"""Contract tests of every plug-in of every kind."""

import ast
import importlib
import sys
import typing

import pytest

from harness.contracts import Breach, run_checks
from harness.contracts.check_file import checks_of
from harness.contracts.every_kind import (
    CHECKS,
    defaults_are_allowed,
    fields_have_meaning_and_default,
    gives_what_the_contract_leaves_open,
    is_a_frozen_dataclass,
    is_plain_data,
    left_open,
    opens_with_a_sentence,
)
from harness.core.errors import InputError
from harness.core.plugins import Registry
from harness.data.fetch import fetch_files
from harness.data.sets import DATASETS
from harness.frontier.selections import SELECTIONS
from harness.models.backbones import BACKBONES
from harness.policies import POLICIES
from harness.regimes import REGIMES
from tests.conftest import make_project

REGISTRIES = (REGIMES, BACKBONES, DATASETS, POLICIES, SELECTIONS)
PLUGINS = [
    pytest.param(registry, name, id=f"{registry.package}.{name}")
    for registry in REGISTRIES
    for name in registry.names()
]

PLUGIN = '''"""Drops in and goes again."""

from dataclasses import dataclass, field
from typing import Annotated

from harness.core.parameters import bounded
from {contract.__module__} import {contract.__name__}


@dataclass(frozen=True)
class Dropped({contract.__name__}):
    strength: Annotated[float, bounded(0, 1, "how much of it")] = 0.5
{members}
'''


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("registry", "name"), PLUGINS)
def test_contract(check, registry, name):
    check(registry, name)


@pytest.mark.parametrize(("registry", "name"), PLUGINS)
def test_contract_of_its_kind(registry, name, raw_project):
    own = checks_of(registry.kind, raw_project)[1 + len(CHECKS) :]
    assert own
    for finding in run_checks(registry, name, own):
        assert (finding.fault, finding.missing) == ("", ""), finding.promise


@pytest.fixture(scope="module")
def raw_project(tmp_path_factory, mirror):
    """A project with the raw files of every data set."""
    project = make_project(tmp_path_factory.mktemp("raw") / "p")
    for name in DATASETS.names():
        fetch_files(name, project.raw, mirror, lambda *_: None)
    return project


def source_of(registry):
    """A plug-in of a registry: one parameter, empty class variables, members that do nothing."""
    variables = "".join(
        f"    {name} = {(typing.get_origin(kind) or kind)()!r}\n"
        for name, kind in left_open(registry.base).items()
    )
    members = variables + "".join(
        f"\n    def {member}(self, *_: object) -> None:\n        return None\n"
        for member in sorted(getattr(registry.base, "__abstractmethods__", ()))
    )
    return PLUGIN.format(contract=registry.base, members=members)


@pytest.fixture
def drop(tmp_path, monkeypatch):
    """Writes a plug-in into a package of its own and gives the registry of that package."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def write(registry, source):
        folder = tmp_path / "drop_in"
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "dropped.py").write_text(source)
        importlib.invalidate_caches()
        return Registry("drop_in", registry.base)

    yield write
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "drop_in":
            del sys.modules[name]


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.package)
def test_a_file_is_a_plugin_as_long_as_it_is_there(registry, drop, tmp_path):
    dropped = drop(registry, source_of(registry))
    assert dropped.names() == ("dropped",)
    for check in CHECKS:
        check(dropped, "dropped")
    (tmp_path / "drop_in" / "dropped.py").unlink()
    assert dropped.names() == ()
    with pytest.raises(InputError, match="unknown name 'dropped'"):
        dropped.get("dropped")


@pytest.mark.parametrize(
    ("check", "sound", "broken"),
    [
        (opens_with_a_sentence, "and goes again.", "and goes again"),
        (opens_with_a_sentence, '"""Drops in and goes again."""', ""),
        (is_a_frozen_dataclass, "@dataclass(frozen=True)\n", ""),
        (is_a_frozen_dataclass, "(frozen=True)", "(frozen=True, eq=False)"),
        (fields_have_meaning_and_default, ', "how much of it"', ', ""'),
        (fields_have_meaning_and_default, " = 0.5", " = field(default_factory=float)"),
        (gives_what_the_contract_leaves_open, "    example_shape = ()\n", ""),
        (defaults_are_allowed, "= 0.5", "= 1.5"),
        (
            is_plain_data,
            "= 0.5\n",
            "= 0.5\n\n    def __reduce__(self):\n        return str, ()\n",
        ),
    ],
)
def test_every_check_sees_a_breach(check, sound, broken, drop):
    source = source_of(BACKBONES)
    changed = source.replace(sound, broken)
    assert changed != source
    ast.parse(changed)
    registry = drop(BACKBONES, changed)
    with pytest.raises((Breach, InputError)):
        check(registry, "dropped")


@pytest.mark.parametrize(
    ("count", "source"), [(0, ""), (2, "\n\nclass Second(Dropped):\n    pass\n")]
)
def test_a_plugin_file_with_none_or_two_is_refused(count, source, drop):
    registry = drop(REGIMES, source_of(REGIMES) + source if count else '"""Nothing in it."""\n')
    with pytest.raises(InputError, match=f"defines exactly one Regime, found {count}"):
        registry.get("dropped")
