"""Taking in what another person or machine did of the same studies.

A study is one sequence: each proposal is a function of what was recorded before it. So of two
records of one study the shorter is the beginning of the longer, which is kept, and trials are known
by their keys: a launch that comes to propose a trial finds its result. Whatever contradicts that is
refused before anything is written.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import DataError, InputError
from harness.results import confirmation, study_record
from harness.results.extent import trained_keys
from harness.results.incoming import (
    Stored,
    check_plain,
    check_result,
    first_difference,
    stored_results,
    take_in,
)
from harness.results.launch_lock import LOCK, only_launch
from harness.results.remedies import CONFIRMATION
from harness.results.study_record import StudyRecord
from harness.results.trials import KEY
from harness.study.longer_record import confirmed_record, longer_record
from harness.study.resume import check_unchanged

_PARTS = (study_record.RECORD, study_record.CONFIGURATIONS, study_record.JOURNAL)
"""Any of which says that a study is here."""


@dataclass(frozen=True)
class Merge:
    """What a study's folder, or that of its confirmation, takes in from another one.

    Attributes
    ----------
    record
        The record afterwards; None where it stays as it is, or there is none.
    configurations
        Number of configurations that the record gains.
    results
        Trials and failures that are not here yet.
    known
        Number of those that are here already, and equal.
    """

    source: Path
    folder: Path
    record: StudyRecord | None
    configurations: int
    results: tuple[Stored, ...]
    known: int

    @property
    def name(self) -> str:
        """The study's name, with `confirmation` below it for that of its confirmation."""
        parts = self.folder.parts[-2:] if self.folder.name == CONFIRMATION else (self.folder.name,)
        return "/".join(parts)


def found_studies(path: Path) -> tuple[Path, ...]:
    """The studies in a results folder, or the one whose folder it is.

    Raises
    ------
    InputError
        There is none, a folder among them is a link, or it is that of a confirmation.
    """
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; name a results folder, or a study's within one")
    if (path / study_record.RECORD).exists():
        return (path,)
    below = [p for p in sorted(path.iterdir()) if (p / study_record.RECORD).exists()]
    for each in below:
        check_plain(each)
    if not below:
        raise InputError(f"{path}: no study in it; name a results folder, or a study's within one")
    return tuple(below)


def count_results(studies: Sequence[Path]) -> int:
    """Number of trials and failures of some studies and their confirmations: steps of a merge."""
    folders = (f for each in studies for f in (each, confirmation.confirmation_folder(each)))
    return sum(len(stored_results(folder)) for folder in folders)


def merge_studies(
    results: Path, studies: Sequence[Path], dry_run: bool, step: Callable[[str], None]
) -> tuple[Merge, ...]:
    """Take in what studies of another results folder hold: all of it, or nothing.

    Parameters
    ----------
    results
        The folder of this project's results.
    studies
        As `found_studies` gives them.
    dry_run
        Whether all is checked and nothing written.
    step
        Called with a trial's key once it is checked, and again once it is here.

    Raises
    ------
    DataError
        A file there, or here, is missing or damaged.
    InputError
        A study here has the same name and is another one; a trial or a configuration contradicts
        what is here; a link leads out of the folder; or a launch of one of the studies is running.
    """
    with contextlib.ExitStack() as held:
        plans: list[Merge] = []
        sources: dict[str, Path] = {}
        for source in studies:
            theirs = _read(source)
            if theirs.name in sources:
                both = f"{sources[theirs.name]} and {source}"
                raise InputError(f"{both}: two folders of one study; merge one after the other")
            sources[theirs.name] = source
            plans += _planned(results, source, theirs, held, step)
        if not dry_run:
            for plan in plans:
                _write(plan, held, step)
    return tuple(plans)


def _planned(
    results: Path,
    source: Path,
    theirs: StudyRecord,
    held: contextlib.ExitStack,
    step: Callable[[str], None],
) -> Iterator[Merge]:
    """What a study and its confirmation have to take in, all of it checked."""
    folder = results / theirs.name
    if folder.is_symlink() or source.resolve() == folder.resolve():
        raise InputError(
            f"{source}: {folder}, its place here, is the same folder or a symbolic link"
        )
    if theirs.fresh is not None:
        raise InputError(f"{source}: the folder of a confirmation; name its study's")
    ours = _hold(folder, held)
    if ours is None:
        _check_code(source, theirs)
    record = longer_record(folder, ours, source, theirs)
    yield _merge(source, folder, ours, record, step)
    inner, target = (confirmation.confirmation_folder(each) for each in (source, folder))
    if not (inner.is_symlink() or (inner / study_record.RECORD).exists()):
        return
    fresh = _read(inner)
    present = _hold(target, held)
    kept = confirmed_record(target, present, inner, fresh, record.recorded_digest())
    if kept and kept is not present:
        check_plain(inner / confirmation.TEST_SAMPLES)
        confirmation.read_test_samples(inner, kept)
    yield _merge(inner, target, present, kept, step)


def _read(source: Path) -> StudyRecord:
    """The record of a folder that may come from anywhere."""
    check_plain(source)
    files = [source / name for name in (study_record.RECORD, study_record.CONFIGURATIONS)]
    if os.path.lexists(source / LOCK):  # reading the state opens it
        files.append(source / LOCK)
    for path in files:
        check_plain(path)
    record = study_record.read_study_record(source)
    if record.imported:  # no sequence of proposals that could be checked
        raise InputError(
            f"{source}: a study that was imported; `harness import` its outputs here, and merge "
            "the others by their folders"
        )
    for each in record.configurations:
        named = all(KEY.fullmatch(key) for key in trained_keys(each))
        if not (named and each.regime in record.spec.regimes):
            path = source / study_record.CONFIGURATIONS
            raise DataError(f"{path}: configuration {each.number} is not of this study")
    return record


def _hold(folder: Path, held: contextlib.ExitStack) -> StudyRecord | None:
    """The record of a study that is here, which no launch may change from now on; None for none."""
    if not any((folder / name).exists() for name in _PARTS):
        return None
    held.enter_context(only_launch(folder))
    return study_record.read_study_record(folder)


def _check_code(source: Path, theirs: StudyRecord) -> None:
    try:
        check_unchanged(theirs)
    except InputError as error:
        changed = str(error).partition("What changed:\n")[2]
        raise InputError(
            f"{source}: it was searched by other code than this project's; merge with the same "
            f"version of harness and the same plug-ins. What differs:\n{changed}"
        ) from None


def _merge(
    source: Path,
    folder: Path,
    ours: StudyRecord | None,
    record: StudyRecord | None,
    step: Callable[[str], None],
) -> Merge:
    """What one folder has to take in; raises InputError where a result contradicts one here."""
    mine, lacking, known = set(stored_results(folder)), [], 0
    for result in stored_results(source):
        check_result(source, result)
        other = Stored("failures" if result.kind == "trials" else "trials", result.key)
        differs = "its end" if other in mine else None
        if result in mine:
            differs = first_difference(folder, source, result)
            known += 1
        else:
            lacking.append(result)
        if differs:
            raise InputError(
                f"{result.within(source)}: {differs} is not that of this trial in {folder}, "
                "which has the same key: one of them is wrong, or was trained on another kind of "
                "machine; nothing was taken in"
            )
        step(result.key)
    gained = len(record.configurations) if record else 0
    gained -= len(ours.configurations) if ours else 0
    changed = None if record is ours else record
    return Merge(source, folder, changed, gained, tuple(lacking), known)


def _write(plan: Merge, held: contextlib.ExitStack, step: Callable[[str], None]) -> None:
    """Copy the results, then write the record, so that it names none that is not here."""
    if plan.record is None and not plan.results:
        return
    if not any((plan.folder / name).exists() for name in _PARTS):
        held.enter_context(only_launch(plan.folder))
    for result in plan.results:
        take_in(plan.source, plan.folder, result)
        step(result.key)
    if plan.record is None:
        return
    if plan.record.fresh is not None:
        samples = confirmation.read_test_samples(plan.source, plan.record)
        confirmation.write_test_samples(plan.folder, samples)
    study_record.write_study_record(plan.folder, plan.record)
