"""How long calls say how far they are."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

Step: TypeAlias = Callable[[str], None]
"""Called with what is done, once per step."""
Bar: TypeAlias = Callable[[str, int], AbstractContextManager[Step]]
"""Opens a bar of some title and number of steps, and gives what counts one."""


def silent(step: str) -> None:
    """A step that is not shown."""
    del step


@contextmanager
def no_bar(title: str, steps: int) -> Iterator[Step]:
    """A bar that is not shown."""
    del title, steps
    yield silent
