"""Progress bars on a terminal, elsewhere a line every ten seconds; on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

if TYPE_CHECKING:
    from harness.study.progress import StudyProgress

PAUSE = 10.0
"""Seconds between two lines where standard error is no terminal."""


class _Drawn:
    """A progress bar that is drawn while its block runs, where standard error is a terminal."""

    def __init__(self, *columns: ProgressColumn) -> None:
        console = Console(stderr=True)
        self._terminal = console.is_terminal
        described = (TextColumn("{task.description}"), BarColumn(), *columns)
        self._bar = Progress(*described, console=console, disable=not self._terminal)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class StudyBar(_Drawn):
    """Progress of a launch: trials done and failed, hypervolume, time left."""

    def __init__(self, name: str) -> None:
        super().__init__(
            MofNCompleteColumn(),
            TextColumn("failed {task.fields[failed]}"),
            TextColumn("hypervolume {task.fields[hypervolume]}"),
            TextColumn("{task.fields[workers]}"),
            TimeElapsedColumn(),
            TextColumn("left {task.fields[left]}"),
        )
        self._name = name
        self._printed = 0.0
        self._last_settled = 0
        self._task = self._bar.add_task(
            name, total=None, failed=0, hypervolume="?", workers="", left="?"
        )

    def show(self, progress: "StudyProgress") -> None:
        """Show the newest state."""
        settled = progress.done + progress.failed
        left = _duration(progress.eta)
        area = "?" if progress.hypervolume is None else f"{progress.hypervolume:.4f}"
        workers = "" if progress.workers is None else f"workers {progress.workers}"
        for event in progress.events:
            self._bar.console.print(f"{self._name}: {event}", markup=False, highlight=False)
        self._bar.update(
            self._task,
            completed=settled,
            total=progress.planned,
            failed=progress.failed,
            hypervolume=area,
            workers=workers,
            left=left,
        )
        if self._terminal:
            return
        now = time.monotonic()
        # The first trial is done a while after the first line: workers have libraries to import.
        if (
            not self._printed
            or now - self._printed >= PAUSE
            or settled == progress.planned != self._last_settled
        ):
            self._printed = now
            sys.stderr.write(
                f"{self._name}: {progress.done} done, {progress.failed} failed of "
                f"{progress.planned} trials, hypervolume {area}, "
                f"{workers}{workers and ', '}left {left} ({progress.last})\n"
            )
        self._last_settled = settled


class DownloadBar(_Drawn):
    """Progress of downloads, file by file."""

    def __init__(self) -> None:
        super().__init__(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._tasks: dict[str, TaskID] = {}
        self._tenths: dict[str, int] = {}

    def show(self, name: str, have: int, total: int) -> None:
        """Show how many bytes of a file have come, out of `total` (0: unknown)."""
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name)
        self._bar.update(self._tasks[name], completed=have, total=total or None)
        tenth = 10 * have // total if total else 0
        if not self._terminal and self._tenths.get(name) != tenth:
            self._tenths[name] = tenth
            sys.stderr.write(f"{name}: {have / 1e6:.1f} of {total / 1e6:.1f} MB\n")


class StepBar(_Drawn):
    """Progress of a stage: how many of its steps are done."""

    def __init__(self, name: str, total: int) -> None:
        super().__init__(MofNCompleteColumn(), TimeRemainingColumn())
        self._task = self._bar.add_task(name, total=total)

    def step(self, name: str) -> None:
        """Count one step, named after what was done."""
        self._bar.update(self._task, advance=1, description=name)


@contextmanager
def steps(name: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar of so many steps, as calls of `harness.api` take one."""
    with StepBar(name, total) as bar:
        yield bar.step


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
