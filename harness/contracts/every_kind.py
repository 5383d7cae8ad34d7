"""What plug-ins of every kind keep: a frozen dataclass whose fields say everything once."""

import dataclasses
import pickle
import sys
import typing
from typing import TYPE_CHECKING, TypeVar

from harness.contracts import Check, expect
from harness.core.errors import InputError
from harness.core.parameters import build, parameter_schema
from harness.core.plugins import Registry

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Plugin = TypeVar("_Plugin", bound="DataclassInstance")
_WORDS = range(3, 20)


def opens_with_a_sentence(registry: Registry[_Plugin], name: str) -> None:
    """The file opens with a docstring whose first line is a sentence: `harness list` shows it."""
    module = sys.modules[registry.get(name).__module__]
    line = (module.__doc__ or "").partition("\n")[0]
    expect(line, "no docstring at the top of the file")
    expect(line.endswith("."), f"the first line ends without a full stop: {line!r}")
    words = len(line.split())
    expect(words in _WORDS, f"{words} words, expected 3 to 19: {line!r}")
    shown = registry.summary(name)
    expect(shown == line, f"`harness list` would show {shown!r}")


def is_a_frozen_dataclass(registry: Registry[_Plugin], name: str) -> None:
    """It is a frozen dataclass itself: `@dataclass(frozen=True)` stands above the class."""
    own = vars(registry.get(name))  # not what it inherits
    expect("__dataclass_params__" in own, "the class has no @dataclass of its own")
    parameters = own["__dataclass_params__"]
    expect(parameters.frozen, "not frozen: write @dataclass(frozen=True)")
    expect(parameters.eq, "eq=False: two that are built alike must be equal")


def fields_have_meaning_and_default(registry: Registry[_Plugin], name: str) -> None:
    """Every field has a type, a meaning and a default."""
    plugin = registry.get(name)
    found = parameter_schema(plugin)
    fields = [field.name for field in dataclasses.fields(plugin)]
    expect(set(found) == set(fields), f"fields {fields}, of which the schema knows {list(found)}")
    silent = [key for key, field in found.items() if not field.get("description")]
    how = 'Annotated[float, bounded(0, 1, "what it is")]'
    expect(not silent, f"no meaning: {', '.join(silent)}; write it as {how}")
    without = [key for key, field in found.items() if "default" not in field]
    expect(not without, f"no default: {', '.join(without)}; write `= value` after the type")


def gives_what_the_contract_leaves_open(registry: Registry[_Plugin], name: str) -> None:
    """Class variables that the contract leaves open are set."""
    contract, plugin = registry.base, registry.get(name)
    missing = [variable for variable in left_open(contract) if not hasattr(plugin, variable)]
    expect(not missing, f"missing: {', '.join(missing)}; see {contract.__module__}")


def left_open(contract: type[object]) -> dict[str, object]:
    """Names of a contract's class variables without a value, and their types.

    That other class variables are optional is seen from their values in the contract.
    """
    hints = typing.get_type_hints(contract)
    return {
        name: typing.get_args(hint)[0]
        for name, hint in hints.items()
        if typing.get_origin(hint) is typing.ClassVar and not hasattr(contract, name)
    }


def defaults_are_allowed(registry: Registry[_Plugin], name: str) -> None:
    """Its defaults are within its own ranges."""
    plugin = registry.get(name)
    defaults = {field.name: getattr(plugin(), field.name) for field in dataclasses.fields(plugin)}
    built = build(plugin, defaults, "defaults")
    expect(built == build(plugin, {}, "defaults") == plugin(), f"built from its defaults: {built}")


def refuses_what_is_unknown(registry: Registry[_Plugin], name: str) -> None:
    """A parameter that it does not have is refused."""
    try:
        build(registry.get(name), {"no_such_parameter": 1}, "here")
    except InputError:
        return
    expect(False, "it took `no_such_parameter`")


def is_plain_data(registry: Registry[_Plugin], name: str) -> None:
    """It is plain data: a copy that went to a worker process and back is equal."""
    plugin = registry.get(name)()
    copy = pickle.loads(pickle.dumps(plugin))  # noqa: S301 -- made here
    expect(copy == plugin, f"the copy is {copy}, it is {plugin}")
    expect(hash(copy) == hash(plugin), "the copy has another hash")


CHECKS: tuple[Check, ...] = (
    opens_with_a_sentence,
    is_a_frozen_dataclass,
    fields_have_meaning_and_default,
    gives_what_the_contract_leaves_open,
    defaults_are_allowed,
    refuses_what_is_unknown,
    is_plain_data,
)
"""In the order in which a reader of the file would ask."""
