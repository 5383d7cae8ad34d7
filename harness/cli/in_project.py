"""Commands that work in a project refuse a folder that is none."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from harness.cli import locate

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def in_project(command: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """The command, which ends before it does anything where there is no project."""

    @functools.wraps(command)
    def checked(*given: _Given.args, **options: _Given.kwargs) -> _Found:
        locate.current_project().check()
        return command(*given, **options)

    return checked
