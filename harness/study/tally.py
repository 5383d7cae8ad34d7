"""How many trials of a study have ended, counted as they end: no event looks at all of them."""

from dataclasses import dataclass, field


@dataclass
class Tally:
    """The trials of a launch that have ended, those stored before it included.

    Attributes
    ----------
    spared
        Trials of the plan that are not trained, as their configurations were not promoted.

    Examples
    --------
    >>> tally = Tally()
    >>> for key, trained in (("a", True), ("b", False), ("a", True), ("b", True)):
    ...     tally.add(key, trained)
    >>> (tally.ended, tally.trained)
    (2, 2)
    """

    _ends: dict[str, bool] = field(default_factory=dict)
    trained: int = 0
    spared: int = 0

    def add(self, key: str, trained: bool) -> None:
        """Count a trial once: what is told of it last stays."""
        self.trained += trained - self._ends.get(key, False)
        self._ends[key] = trained

    @property
    def ended(self) -> int:
        """Number of trials that have ended: they have a result, or have diverged."""
        return len(self._ends)
