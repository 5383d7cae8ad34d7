"""What `--restart` would keep, delete and train anew, found out before anyone asks for it.

The new study's search is repeated from the stored trials as a launch would: until a trial is
needed that is not stored. What it would propose after that depends on how that trial ends.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import InputError
from harness.core.waiting import waiting
from harness.results import trials
from harness.results.failures import has_failure, read_failure
from harness.results.pace import read_pace
from harness.results.sizes import duration_in_words, total_size
from harness.results.study_record import JOURNAL, StudyRecord
from harness.study.schedule import Turn
from harness.study.scoring import Scorer
from harness.study.search import Search
from harness.study.space import Suggestion
from harness.study.stopping import Stopping
from harness.study.storages.journal_file import JournalFile

PATIENCE = 20.0
"""Seconds after which the search is repeated no further."""


@dataclass(frozen=True)
class RestartPlan:
    """What starting a study over means for the results that are stored under its name.

    Attributes
    ----------
    where
        Its folder, or the database where it is stored alone.
    changed
        How the stored study differs.
    stored, kept
        Trials that are stored, and those of them that the new study is known to have as well: it
        may propose more of them later on.
    stored_bytes, kept_bytes
        Their sizes.
    planned
        Trials of the new study in all.
    each
        Seconds that a trial took in the last launch here; None where that is not known.
    """

    where: str
    changed: str
    stored: int
    kept: int
    stored_bytes: int
    kept_bytes: int
    planned: int
    each: float | None

    def takes(self, trials: int) -> str:
        """How long some trials take at the pace of the last launch, to follow a number of them."""
        return "" if self.each is None else f" (about {duration_in_words(self.each * trials)})"


def restart_plan(
    folder: Path, record: StudyRecord, where: str, changed: str, patience: float
) -> RestartPlan:
    """What `--restart` would do to the study that is stored in a folder; writes nothing.

    Parameters
    ----------
    record
        The study as it is launched now.
    where, changed
        Of the plan.
    patience
        Seconds after which no more stored trials are looked for.

    Raises
    ------
    InputError
        The folder cannot be read.
    """
    pace = read_pace(folder)
    stored = trials.stored_keys(folder)
    with waiting(f"looking which of {len(stored)} stored trials the changed study has as well"):
        kept = _equal(folder, record, patience) if stored else frozenset()
        return RestartPlan(
            where=where,
            changed=changed,
            stored=len(stored),
            kept=len(kept),
            stored_bytes=total_size(trials.trial_folder(folder, key) for key in stored),
            kept_bytes=total_size(trials.trial_folder(folder, key) for key in kept),
            planned=record.planned,
            each=None if pace is None else pace.seconds_each,
        )


def _equal(folder: Path, record: StudyRecord, patience: float) -> frozenset[str]:
    """Keys of stored trials that the search proposes until it needs one that is not stored."""
    deadline = time.monotonic() + patience
    with tempfile.TemporaryDirectory() as scratch:
        scorer, journal = Scorer(record, folder), JournalFile(Path(scratch) / JOURNAL)
        search = Search(Path(scratch), record, journal, scorer)
        stopping = Stopping(record, search.turns)
        proposed: dict[int, Suggestion] = {}
        found: set[str] = set()
        number = 0
        while number < len(turns := stopping.turns) and time.monotonic() < deadline:
            for turn in turns[number + len(proposed) : number + record.spec.window]:
                proposed[turn.number] = search.propose(turn)
                found |= _stored_of(folder, proposed[turn.number])
            try:
                suggestion = _in_full(folder, search, turns[number], proposed.pop(number))
                if suggestion is None:
                    break
                found |= _stored_of(folder, suggestion)
                reason = _failure(folder, suggestion)
                values = None if reason else scorer.values(suggestion)
            except InputError:  # damaged: it is trained anew
                break
            scorer.add(search.record(turns[number], values, reason))
            stopping.add(number, scorer)
            number += 1
    return frozenset(found)


def _in_full(folder: Path, search: Search, turn: Turn, suggestion: Suggestion) -> Suggestion | None:
    """The trials of a turn with those that follow from how they ended; None where one lacks."""
    while _all_stored(folder, suggestion):
        further = None if _failure(folder, suggestion) else search.further(turn)
        if further is None:
            return suggestion
        suggestion = further
    return None


def _stored_of(folder: Path, suggestion: Suggestion) -> set[str]:
    return {spec.key for spec in suggestion.specs if trials.has_result(folder, spec.key)}


def _all_stored(folder: Path, suggestion: Suggestion) -> bool:
    keys: Sequence[str] = [spec.key for spec in suggestion.specs]
    return all(trials.has_result(folder, key) or has_failure(folder, key) for key in keys)


def _failure(folder: Path, suggestion: Suggestion) -> str | None:
    """Why a configuration failed; None where no trial of it did."""
    failed = (spec.key for spec in suggestion.specs if not trials.has_result(folder, spec.key))
    return next((read_failure(folder, key).facts.reason for key in failed), None)
