"""A study that goes on with more regimes or seeds than it was begun with.

What a configuration is proposed from are its own regime's settings and results. So a regime that is
added leaves the configurations of the others as they are, and its own are appended. An added seed
trains every recorded configuration once more; that they were proposed from fewer seeds stays true.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pydantic

from harness.core.records import Record
from harness.core.study_spec import StudySpec

Identity = Mapping[str, pydantic.JsonValue]
"""A study's identity as plain data (`StudyRecord.identity`)."""


class Growth(Record):
    """What a study consisted of before it was given more.

    Attributes
    ----------
    number
        How many configurations had been recorded: they were proposed from what stands here.
    regimes
        Its regimes, in the order of their turns.
    seeds
        The seeds that each configuration was trained on.
    """

    number: int = pydantic.Field(ge=0)
    regimes: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class StoredStudy:
    """What a study was when it was stored.

    Attributes
    ----------
    identity
        All that may not change (`StudyRecord.identity`).
    number
        How many configurations are recorded.
    """

    identity: Identity
    growth: tuple[Growth, ...]
    number: int

    def given_in_words(self) -> str:
        """What it was given since it was begun; empty where that is nothing."""
        if not self.growth:
            return ""
        now = growth_at(self.number, self.identity)
        given = grown_in_words(self.growth[0], now.regimes, now.seeds)
        return f"it was given {given} after {self.growth[0].number} configurations"

    def growth_to(self, now: Identity) -> tuple[Growth, ...]:
        """The growth of the study as it goes on; as stored where it was given nothing."""
        if not has_grown(self.identity, now) or not self.number:
            return self.growth
        if self.growth and self.growth[-1].number == self.number:
            return self.growth  # nothing was recorded since it was given something
        return (*self.growth, growth_at(self.number, self.identity))


def has_grown(stored: Identity, now: Identity) -> bool:
    """Whether a study is a stored one with more regimes or seeds, or with others' turns.

    Parameters
    ----------
    stored, now
        The two identities; where they are equal but for the order of regimes, turns are others'.
    """
    before, after = _part(stored, "regimes"), _part(now, "regimes")
    if not set(before) <= set(after) or not set(_seeds(stored)) <= set(_seeds(now)):
        return False
    if now.get("fidelity") and _seeds(now) != _seeds(stored):
        return False  # hypervolumes would be of other seeds than those that they are compared with
    if now.get("promote") and _seeds(now)[: len(_seeds(stored))] != _seeds(stored):
        return False  # it was decided by the first seeds who is trained on the others
    codes = {f"code of regime {name}" for name in after}
    given: dict[str, pydantic.JsonValue] = {
        "regimes": {name: before.get(name, after[name]) for name in after},
        "seeds": now["seeds"],
        **{key: code for key, code in now.items() if key in codes and key not in stored},
    }
    grown = {key: given.get(key, stored.get(key)) for key in now}
    same = [*before] == [*after] and stored.get("seeds") == now["seeds"]
    # As text: parameters are drawn in their order, which is the study's own.
    return not same and set(stored) <= set(now) and json.dumps(grown) == json.dumps({**now})


def growth_at(number: int, stored: Identity) -> Growth:
    """What a stored study consisted of, when it had recorded so many configurations."""
    return Growth(number=number, regimes=tuple(_part(stored, "regimes")), seeds=_seeds(stored))


def spec_at(study: StudySpec, growth: Sequence[Growth], number: int) -> StudySpec:
    """The study that the configuration of a number is proposed from: what it consisted of then."""
    before = next((each for each in growth if number < each.number), None)
    if before is None:
        return study
    regimes = {name: study.regimes[name] for name in before.regimes}
    return study.model_copy(update={"regimes": regimes, "seeds": before.seeds})


def added_seeds(growth: Sequence[Growth]) -> tuple[tuple[int, ...], ...]:
    """The seeds that a study was begun with, and those it was given since and then grew from."""
    had: list[int] = []
    found = []
    for each in growth:
        found.append(tuple(seed for seed in each.seeds if seed not in had))
        had.extend(found[-1])
    return tuple(found)


def grown_in_words(before: Growth, regimes: tuple[str, ...], seeds: tuple[int, ...]) -> str:
    """What a study was given that consisted of `before`, in words."""
    more = [name for name in regimes if name not in before.regimes]
    others = [seed for seed in seeds if seed not in before.seeds]
    given = [_listed(*each) for each in (("regime", more), ("seed", others)) if each[1]]
    return " and ".join(given) or "another order of its regimes"


def _listed(what: str, found: Sequence[object]) -> str:
    return f"{what}{'s' if len(found) > 1 else ''} {', '.join(map(str, found))}"


def _part(identity: Identity, name: str) -> dict[str, pydantic.JsonValue]:
    found = identity.get(name)
    return found if isinstance(found, dict) else {}


def _seeds(identity: Identity) -> tuple[int, ...]:
    found = identity.get("seeds")
    return tuple(int(str(seed)) for seed in found) if isinstance(found, list) else ()
