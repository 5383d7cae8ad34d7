"""How far a launch has come, as it is shown while it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.results.pace import PaceLog
from harness.study.executors import Presence, TrialOutcome


@dataclass(frozen=True)
class StudyProgress:
    """How far a study has come.

    Attributes
    ----------
    done, failed, planned
        Trials (networks).
    hypervolume
        Of all recorded trials, on validation; None while those recorded before are taken up.
    eta
        Seconds to go at the pace of this launch; None before its first trial.
    last
        The last event, in words.
    workers
        How many there are; None where none joins or leaves.
    events
        What happened to workers since the last progress, in words.
    """

    done: int
    failed: int
    planned: int
    hypervolume: float | None
    eta: float | None
    last: str
    workers: int | None = None
    events: tuple[str, ...] = ()


class Reporter:
    """Tells who watches a launch how far it has come, and keeps its pace.

    Parameters
    ----------
    watch
        Called with the progress.
    """

    def __init__(self, watch: Callable[[StudyProgress], None], folder: Path) -> None:
        self._watch, self._folder = watch, folder
        self._last = "starting"
        self.begin()

    def begin(self) -> None:
        """Count time and trials from now on."""
        self._started, self._trained = time.monotonic(), 0
        self._pace = PaceLog(self._folder)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started

    def ended(self, done: TrialOutcome) -> None:
        """Take in how a trial ended."""
        self._last = done.in_words
        if done.status != "error":
            self._trained += 1
            self._pace.count()

    def tell(
        self,
        done: int,
        settled: int,
        planned: int,
        hypervolume: float | None,
        there: Presence | None,
        news: tuple[str, ...] = (),
    ) -> None:
        """Tell of the trials that are done, settled (with those that diverged) and planned."""
        pace = self.seconds / self._trained if self._trained else None
        self._watch(
            StudyProgress(
                done=done,
                failed=settled - done,
                planned=planned,
                hypervolume=hypervolume,
                eta=None if pace is None else pace * max(planned - settled, 0),
                last=self._last,
                workers=there.workers if there else None,
                events=(*(there.events if there else ()), *news),
            )
        )

    def close(self) -> None:
        """Write the pace."""
        self._pace.write()
