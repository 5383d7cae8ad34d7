"""What a launch trains, and where it is recorded: the contract of searches and confirmations."""

from typing import Protocol

from harness.results.study_record import Configuration
from harness.study.schedule import Turn
from harness.study.space import Suggestion


class Proposals(Protocol):
    """What a launch trains: configurations in order, each proposed once and then recorded.

    Attributes
    ----------
    turns
        All configurations to come, in order of number.
    """

    turns: tuple[Turn, ...]

    def recorded(self) -> tuple[Configuration, ...]:
        """The configurations recorded so far, in order of number."""

    def propose(self, turn: Turn) -> Suggestion:
        """The trials of a turn, which depend on what is recorded up to `window` turns before."""

    def check_decided(self) -> None:
        """Raise InputError where what is recorded does not follow from what was before it."""

    def further(self, turn: Turn) -> Suggestion | None:
        """The trials of a turn once those before have a result; None where it is trained in full.

        Called again with the same results, it says the same.
        """

    def record(
        self, turn: Turn, values: tuple[float, ...] | None, reason: str | None
    ) -> Configuration:
        """Take in what was proposed for a turn with its objectives, or with why it failed."""

    def repeated(self, configuration: Configuration) -> Suggestion:
        """The trials of a recorded configuration; raises InputError where they would be others."""
