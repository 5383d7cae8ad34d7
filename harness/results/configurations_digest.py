"""Digest of a study's recorded configurations, which tells whether its tables are still theirs."""

import functools
from collections.abc import Sequence

from harness.core.files import Json, content_key
from harness.core.records import Record

_COUNTED = {"number", "regime", "search", "parameters", "keys", "thresholds", "objectives"}
"""Of a configuration, what tables depend on."""


class _TheVery:
    """A sequence that equals itself alone, not another of the same content: quick to look up."""

    def __init__(self, found: Sequence[Record]) -> None:
        self.found = found  # held, so that no other has its identity

    def __hash__(self) -> int:
        return id(self.found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TheVery) and self.found is other.found


def configurations_digest(configurations: tuple[Record, ...]) -> str:
    """Digest of all of some configurations that tables depend on.

    Worked out once for the same tuple: each table of a study is checked by it, and with tens of
    thousands of configurations it takes a tenth of a second.
    """
    return _digest(_TheVery(configurations))


@functools.lru_cache(maxsize=2)  # a study's, and its confirmation's
def _digest(configurations: _TheVery) -> str:
    plain: list[Json] = [
        each.model_dump(mode="json", include=_COUNTED) for each in configurations.found
    ]
    return content_key(plain, length=32)
