"""Optuna's storage of a study: one Optuna study per regime, in one journal file."""

import itertools
import json
import logging
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import optuna
import pydantic
from optuna.trial import FrozenTrial

from harness.core.errors import DataError
from harness.core.files import discard
from harness.results.study_record import (
    CONFIGURATIONS,
    JOURNAL,
    Configuration,
    StudyRecord,
    whole_configurations,
)
from harness.study.proposer import recalled, to_record
from harness.study.storage import REMEDY, journal_storage, read_journal

_IDENTITY = "identity"
_LOG = logging.getLogger(__name__)


class Journal:
    """The finished configurations of a study; the launcher is their only writer.

    Each regime is an Optuna study of its own (`<study>/<regime>`): its search space is then not
    conditional, so that every sampler applies, and parameter importances are per regime.

    A journal that is damaged, or lacks what configurations.jsonl holds, is rebuilt from the longer
    of the two and kept as `optuna.journal.damaged`; opening a sound one changes nothing.

    Parameters
    ----------
    record
        The study; its configurations are not read.
    """

    def __init__(self, folder: Path, record: StudyRecord) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / JOURNAL
        # Launches of one study exclude each other: a lock that is there was left by a killed one.
        # Optuna would wait for it, for ever where its link is relative.
        path.with_name(f"{JOURNAL}.lock").unlink(missing_ok=True)
        fault, kept = _examined(path, whole_configurations(folder))
        if fault:
            _LOG.warning("%s: made anew with %d configurations", fault, len(kept))
            _replace(path, record, kept)
        self._studies = _opened(path, record)

    def finished(self, regime: str) -> Sequence[FrozenTrial]:
        """A regime's finished configurations, in the order in which they were added."""
        return self._studies[regime].get_trials(deepcopy=False)

    def configurations(self) -> list[Configuration]:
        """All regimes' finished configurations, in order of number."""
        return _configurations(self._studies)

    def add(self, regime: str, trial: FrozenTrial) -> None:
        """Append one finished configuration."""
        self._studies[regime].add_trial(trial)


def recorded_identity(folder: Path) -> dict[str, pydantic.JsonValue] | None:
    """What study a folder's journal is of (`StudyRecord.identity`); None where it does not say."""
    try:
        studies = read_journal(folder / JOURNAL)
    except DataError:
        return None
    found = [study.user_attrs.get(_IDENTITY) for study in studies.values()]
    return next((each for each in found if isinstance(each, dict)), None)


def _opened(path: Path, record: StudyRecord) -> dict[str, optuna.Study]:
    """The Optuna study of each regime, made where it is not there yet."""
    storage = journal_storage(path)  # makes the file
    known = read_journal(path)
    spec, identity = record.spec, record.identity()
    for regime in spec.regimes:
        if regime not in known:
            known[regime] = optuna.create_study(
                study_name=f"{spec.name}/{regime}",
                storage=storage,
                directions=[metric.goal for metric in spec.metrics],
            )
        if _IDENTITY not in known[regime].user_attrs:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                known[regime].set_metric_names([metric.name for metric in spec.metrics])
            known[regime].set_user_attr(_IDENTITY, identity)
    return {regime: known[regime] for regime in spec.regimes}


def _configurations(studies: Mapping[str, optuna.Study]) -> list[Configuration]:
    found = [
        to_record(regime, trial)
        for regime, study in studies.items()
        for trial in study.get_trials(deepcopy=False)
    ]
    return sorted(found, key=lambda configuration: configuration.number)


def _whole_configurations(path: Path) -> list[Configuration]:
    """The configurations of a journal; raises DataError where anything is missing or damaged."""
    studies = read_journal(path)
    try:
        found = _configurations(studies)
    except (KeyError, ValueError) as error:
        raise DataError(f"{path}: not the trials of a study ({error!r}); {REMEDY}") from None
    if not (path.read_bytes() or b"\n").endswith(b"\n"):
        raise DataError(f"{path}: its last line is cut off; {REMEDY}")
    if [each.number for each in found] != list(range(len(found))):
        raise DataError(f"{path}: configurations are missing in it; {REMEDY}")
    return found


def _examined(path: Path, recorded: Sequence[Configuration]) -> tuple[str, Sequence[Configuration]]:
    """What is wrong with a journal (empty where nothing is), and the configurations to keep."""
    if not path.exists() and not recorded:
        return "", ()
    try:
        found = _whole_configurations(path)
    except DataError as error:
        return str(error).partition(";")[0], max(_salvaged(path), recorded, key=len)
    if len(found) < len(recorded):
        return f"{path}: it lacks configurations that {CONFIGURATIONS} holds", recorded
    return "", found


def _salvaged(path: Path) -> Sequence[Configuration]:
    """The configurations in a journal's lines before the first damaged one."""
    if not path.is_file():
        return ()
    lines = path.read_bytes().splitlines(keepends=True)
    whole: list[bytes] = list(itertools.takewhile(_is_whole, lines))
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / JOURNAL
        copy.write_bytes(b"".join(whole))
        try:
            return _whole_configurations(copy)
        except DataError:
            return ()


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return line.endswith(b"\n")


def _replace(path: Path, record: StudyRecord, kept: Sequence[Configuration]) -> None:
    """Make a journal of some configurations; the old one is kept as `optuna.journal.damaged`."""
    on = record.trained_on
    trials = [(each.regime, recalled(record.spec, on, each)) for each in kept]
    fresh, aside = (path.with_name(f"{JOURNAL}.{suffix}") for suffix in ("new", "damaged"))
    discard(fresh)
    studies = _opened(fresh, record)
    for regime, trial in trials:
        studies[regime].add_trial(trial)
    if path.exists():
        discard(aside)
        path.rename(aside)
    fresh.rename(path)
