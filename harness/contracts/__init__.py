"""What every plug-in of a kind keeps: checks of one plug-in, each with its finding in words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from harness.core.errors import HarnessError
from harness.core.plugins import Registry

_T = TypeVar("_T")


class Breach(Exception):  # noqa: N818 -- a finding, not an error of harness
    """A plug-in breaks its contract; the message says what was found."""


class NotChecked(Exception):  # noqa: N818 -- a finding, not an error of harness
    """A check needs what is not there; the message says what."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    promise
        What the contract promises, in a sentence.
    fault
        What was found in its place; empty where the plug-in keeps it.
    missing
        Why it was not checked; empty where it was.
    """

    promise: str
    fault: str = ""
    missing: str = ""


Check: TypeAlias = Callable[[Registry[Any], str], None]
"""Checks a plug-in of a registry, by its name; its docstring's first line is the promise.

Raises `Breach`, `NotChecked`, or any error of the plug-in's own."""


def run_checks(registry: Registry[_T], name: str, checks: Sequence[Check]) -> Iterator[Finding]:
    """Run checks on one plug-in; whatever it raises is a finding."""
    for check in checks:
        promise = (check.__doc__ or check.__name__).partition("\n")[0].rstrip(".")
        try:
            check(registry, name)
        except NotChecked as error:
            yield Finding(promise, missing=str(error))
        except (Breach, HarnessError) as error:
            yield Finding(promise, str(error))
        except Exception as error:
            yield Finding(promise, f"{type(error).__name__}: {error}{_line(error)}")
        else:
            yield Finding(promise)


def expect(kept: object, found: str) -> None:
    """Raise `Breach` with what was found unless a promise is kept."""
    if not kept:
        raise Breach(found)


def _line(error: BaseException) -> str:
    """Where in the plug-in an error of its own came from."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("harness_plugins_"):
            place = f" ({trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place
