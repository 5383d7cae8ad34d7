"""The pace of a study's last launch, `pace.json`: since when, until when, how many trials trained.

It is written beside the record, so that whoever asks reads one small file, however many trials
there are. No result depends on it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pydantic

from harness.core.errors import InputError
from harness.core.records import Record, read_record, write_record

PACE = "pace.json"
_PAUSE = 2.0
"""Least seconds between two writes: trials may take a tenth of one."""
_HOUR = 3600.0


class Pace(Record):
    """What a launch has trained so far.

    Attributes
    ----------
    began, until
        Seconds since 1970: when it began to train, and when it last trained a trial.
    trained
        Number of trials, those that diverged included.
    """

    began: float
    until: float
    trained: int = pydantic.Field(ge=0)

    @property
    def seconds_each(self) -> float | None:
        """Seconds per trial, all workers together; None before the first one."""
        return (self.until - self.began) / self.trained if self.trained else None

    @property
    def per_hour(self) -> float | None:
        """Trials per hour; None before the first one."""
        seconds = self.until - self.began
        return _HOUR * self.trained / seconds if self.trained and seconds > 0 else None


@dataclass
class PaceLog:
    """Counts what a launch trains, and writes its pace to the study's folder.

    Attributes
    ----------
    folder
        Of the study, or of its confirmation.
    clock
        Seconds since 1970.
    """

    folder: Path
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        """Begin now."""
        self._pace = Pace(began=(now := self.clock()), until=now, trained=0)
        self._written = 0.0

    def count(self) -> None:
        """Count a trial that was trained now."""
        now = self.clock()
        trained = self._pace.trained + 1
        self._pace = self._pace.model_copy(update={"until": now, "trained": trained})
        if now - self._written >= _PAUSE:
            self.write()

    def write(self) -> None:
        """Write the pace, unless nothing was trained: the last launch that did is of interest."""
        if self._pace.trained:
            self._written = self.clock()
            write_record(self.folder / PACE, self._pace)


def read_pace(folder: Path) -> Pace | None:
    """The pace of the last launch that trained; None where it cannot be told."""
    try:
        return read_record(folder / PACE, Pace)
    except InputError:
        return None


def seconds_left(pace: Pace | None, trials: int, now: float) -> float | None:
    """Seconds until a launch that goes on will have trained so many more trials.

    Parameters
    ----------
    now
        Seconds since 1970. A trial that runs for longer than usual slows the pace down.

    Returns
    -------
    None before the first trial.
    """
    if pace is None or pace.per_hour is None:
        return None
    each = pace.seconds_each or 0.0
    return max(each * trials - max(now - pace.until, 0.0), 0.0)
