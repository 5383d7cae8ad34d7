"""Contract tests of every plug-in of every kind."""

import ast
import dataclasses
import importlib
import pickle
import sys
import typing

import pytest

from harness.core.errors import InputError
from harness.core.parameters import build, parameter_schema
from harness.core.plugins import Registry
from harness.data.sets import DATASETS
from harness.frontier.selections import SELECTIONS
from harness.models.backbones import BACKBONES
from harness.policies import POLICIES
from harness.regimes import REGIMES

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


def docstring_opens_with_a_sentence(registry, name):
    plugin = registry.get(name)
    summary = registry.summary(name)
    assert summary == (sys.modules[plugin.__module__].__doc__ or "").partition("\n")[0]
    assert summary.endswith(".")
    assert 2 < len(summary.split()) < 20


def is_a_frozen_dataclass_of_its_own(registry, name):
    parameters = vars(registry.get(name)).get("__dataclass_params__")  # not one it inherits
    assert parameters is not None
    assert parameters.frozen
    assert parameters.eq


def every_field_has_meaning_and_default(registry, name):
    plugin = registry.get(name)
    properties = parameter_schema(plugin)
    assert set(properties) == {field.name for field in dataclasses.fields(plugin)}
    assert [key for key, field in properties.items() if not field.get("description")] == []
    assert [key for key, field in properties.items() if "default" not in field] == []


def gives_what_its_contract_leaves_open(registry, name):
    """A class variable that the contract names without a value, such as a backbone's example."""
    missing = [v for v in left_open(registry.base) if not hasattr(registry.get(name), v)]
    assert missing == [], f"{registry.package}.{name} lacks the class variables {missing}"


def left_open(contract):
    """Names of the contract's class variables without a value, and their types."""
    hints = typing.get_type_hints(contract)
    return {
        name: typing.get_args(hint)[0]
        for name, hint in hints.items()
        if typing.get_origin(hint) is typing.ClassVar and not hasattr(contract, name)
    }


def defaults_build(registry, name):
    plugin = registry.get(name)
    defaults = {field.name: getattr(plugin(), field.name) for field in dataclasses.fields(plugin)}
    assert build(plugin, defaults, "here") == build(plugin, {}, "here") == plugin()


def an_unknown_parameter_is_refused(registry, name):
    with pytest.raises(InputError, match="here: no_such_parameter: no such field"):
        build(registry.get(name), {"no_such_parameter": 1}, "here")


def a_pickled_copy_is_equal(registry, name):
    plugin = registry.get(name)()
    copy = pickle.loads(pickle.dumps(plugin))  # noqa: S301 -- made here
    assert copy == plugin
    assert hash(copy) == hash(plugin)


CONTRACT = (
    docstring_opens_with_a_sentence,
    is_a_frozen_dataclass_of_its_own,
    every_field_has_meaning_and_default,
    gives_what_its_contract_leaves_open,
    defaults_build,
    an_unknown_parameter_is_refused,
    a_pickled_copy_is_equal,
)


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("registry", "name"), PLUGINS)
def test_contract(check, registry, name):
    check(registry, name)


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
    for check in CONTRACT:
        check(dropped, "dropped")
    (tmp_path / "drop_in" / "dropped.py").unlink()
    assert dropped.names() == ()
    with pytest.raises(InputError, match="unknown name 'dropped'"):
        dropped.get("dropped")


@pytest.mark.parametrize(
    ("check", "sound", "broken"),
    [
        (docstring_opens_with_a_sentence, "and goes again.", "and goes again"),
        (docstring_opens_with_a_sentence, '"""Drops in and goes again."""', ""),
        (is_a_frozen_dataclass_of_its_own, "@dataclass(frozen=True)\n", ""),
        (is_a_frozen_dataclass_of_its_own, "(frozen=True)", "(frozen=True, eq=False)"),
        (every_field_has_meaning_and_default, ', "how much of it"', ', ""'),
        (every_field_has_meaning_and_default, " = 0.5", " = field(default_factory=float)"),
        (gives_what_its_contract_leaves_open, "    example_shape = ()\n", ""),
        (defaults_build, "= 0.5", "= 1.5"),
        (
            a_pickled_copy_is_equal,
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
    with pytest.raises((AssertionError, InputError, pytest.fail.Exception)):
        check(registry, "dropped")


@pytest.mark.parametrize(
    ("count", "source"), [(0, ""), (2, "\n\nclass Second(Dropped):\n    pass\n")]
)
def test_a_plugin_file_with_none_or_two_is_refused(count, source, drop):
    registry = drop(REGIMES, source_of(REGIMES) + source if count else '"""Nothing in it."""\n')
    with pytest.raises(InputError, match=f"defines exactly one Regime, found {count}"):
        registry.get("dropped")
