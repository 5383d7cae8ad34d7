"""Progress of launches and downloads: bars on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

if TYPE_CHECKING:
    from harness.study.launch import Progress as StudyProgress

PAUSE = 10.0
"""Seconds between two lines where standard error is no terminal."""


class LiveProgress:
    """Shows how a study comes along, on standard error."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._console = Console(stderr=True)
        self._printed = 0.0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("failed {task.fields[failed]}"),
            TextColumn("hypervolume {task.fields[hypervolume]:.4f}"),
            TimeElapsedColumn(),
            TextColumn("left {task.fields[left]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(name, total=None, failed=0, hypervolume=0.0, left="?")

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        self._bar.stop()

    def show(self, progress: "StudyProgress") -> None:
        """Draw the newest state."""
        settled = progress.done + progress.failed
        left = _duration(progress.eta)
        self._bar.update(
            self._task,
            completed=settled,
            total=progress.planned,
            failed=progress.failed,
            hypervolume=progress.hypervolume,
            left=left,
        )
        if self._console.is_terminal or settled == 0:
            return
        now = time.monotonic()
        if now - self._printed >= PAUSE or settled == progress.planned != self._last_settled:
            self._printed = now
            sys.stderr.write(
                f"{self._name}: {progress.done} done, {progress.failed} failed of "
                f"{progress.planned} trials, hypervolume {progress.hypervolume:.4f}, "
                f"left {left} ({progress.last})\n"
            )
        self._last_settled = settled

    _last_settled = 0


class FetchProgress:
    """Shows how downloads come along, on standard error."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars: dict[str, TaskID] = {}
        self._tenths: dict[str, int] = {}
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        self._bar.stop()

    def show(self, name: str, have: int, total: int) -> None:
        """Draw how many bytes of a file have come, out of `total` (0: unknown)."""
        if name not in self._bars:
            self._bars[name] = self._bar.add_task(name)
        self._bar.update(self._bars[name], completed=have, total=total or None)
        tenth = 10 * have // total if total else 0
        if self._bar.disable and self._tenths.get(name) != tenth:
            self._tenths[name] = tenth
            sys.stderr.write(f"{name}: {have / 1e6:.1f} of {total / 1e6:.1f} MB\n")


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
