"""The finished configurations of a study in Optuna's storage: one Optuna study per regime."""

import itertools
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import optuna
import pydantic
from optuna.trial import FrozenTrial

from harness.core.errors import DataError
from harness.results.growth import Growth, StoredStudy
from harness.results.study_record import (
    CONFIGURATIONS,
    Configuration,
    StudyRecord,
    whole_configurations,
)
from harness.study.proposer import recalled, to_record
from harness.study.storages import GROWTH, IDENTITY, REMEDY, StoredStudies, StudyStorage

_GROWTHS = pydantic.TypeAdapter(tuple[Growth, ...])
_LOG = logging.getLogger(__name__)


class Journal:
    """The finished configurations of a study; the launcher is their only writer.

    Each regime is an Optuna study of its own (`<study>/<regime>`): its search space is then not
    conditional, so that every sampler applies, and parameter importances are per regime.

    A storage that is damaged or lost, or lacks what configurations.jsonl holds, is filled anew from
    the longer of the two (a journal file is kept as `optuna.journal.damaged`); opening a sound one
    changes nothing.

    Parameters
    ----------
    folder
        Of the study, with its configurations.jsonl.
    record
        The study; its configurations are not read.
    """

    def __init__(self, folder: Path, record: StudyRecord, storage: StudyStorage) -> None:
        self._storage = storage
        storage.prepare()
        recorded, grown = whole_configurations(folder), bool(record.growth)
        fault, kept = _examined(storage, recorded, grown)
        if fault:
            _LOG.warning("%s: made anew with %d configurations", fault, len(kept))
            _replace(storage, record, kept)
        self._studies = _opened(storage, record)

    def finished(self, regime: str) -> Sequence[FrozenTrial]:
        """A regime's finished configurations, in the order in which they were added."""
        study = self._studies[regime]
        return self._storage.patiently(lambda: study.get_trials(deepcopy=False))

    def configurations(self) -> list[Configuration]:
        """All regimes' finished configurations, in order of number."""
        return self._storage.patiently(lambda: _configurations(self._studies))

    def add(self, regime: str, trial: FrozenTrial) -> None:
        """Append one finished configuration."""
        study, number = self._studies[regime], trial.user_attrs["number"]
        tries = itertools.count()

        def added() -> None:
            # Its answer may have been lost on the way, and the work is done again.
            if next(tries):
                known = study.get_trials(deepcopy=False)
                if any(each.user_attrs["number"] == number for each in known):
                    return
            study.add_trial(trial)

        self._storage.patiently(added)


def recorded_study(storage: StoredStudies) -> StoredStudy | None:
    """What study a storage holds; None where it does not say.

    Raises
    ------
    InputError
        It may not be read.
    """
    try:
        studies = storage.read()
        count = sum(len(study.get_trials(deepcopy=False)) for study in studies.values())
        said = [study.user_attrs for study in studies.values()]
        growths = [_GROWTHS.validate_python(each.get(GROWTH, [])) for each in said]
    except (DataError, pydantic.ValidationError):
        return None
    identities = [each.get(IDENTITY) for each in said]
    found = [
        StoredStudy(identity, growth, count)
        for identity, growth in zip(identities, growths, strict=True)
        if isinstance(identity, dict)
    ]
    # A launch that was killed as it gave the study more has said so of some regimes only.
    return max(found, key=lambda each: len(each.growth), default=None)


def _opened(storage: StudyStorage, record: StudyRecord) -> dict[str, optuna.Study]:
    """The Optuna study of each regime, made where it is not there yet."""
    backend = storage.backend()  # makes it
    known = storage.read() if storage.exists() else {}
    spec, identity = record.spec, record.identity()
    growth = [each.model_dump(mode="json") for each in record.growth]
    for regime in spec.regimes:
        if regime not in known:
            known[regime] = optuna.create_study(
                study_name=f"{spec.name}/{regime}",
                storage=backend,
                directions=[metric.goal for metric in spec.metrics],
            )
        said = known[regime].user_attrs
        if IDENTITY not in said:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                known[regime].set_metric_names([metric.name for metric in spec.metrics])
        # The study may have been given regimes or seeds. What it was before is said first: without
        # it nobody could go on with the study as it is then.
        if said.get(GROWTH, []) != growth:
            known[regime].set_user_attr(GROWTH, growth)
        if said.get(IDENTITY) != identity:
            known[regime].set_user_attr(IDENTITY, identity)
    return {regime: known[regime] for regime in spec.regimes}


def _configurations(studies: Mapping[str, optuna.Study]) -> list[Configuration]:
    found = [
        to_record(regime, trial)
        for regime, study in studies.items()
        for trial in study.get_trials(deepcopy=False)
    ]
    return sorted(found, key=lambda configuration: configuration.number)


def _whole_configurations(storage: StudyStorage) -> list[Configuration]:
    """The configurations of a storage; raises DataError where anything is missing or damaged."""
    studies = storage.read()
    try:
        found = _configurations(studies)
    except (KeyError, ValueError) as error:
        said = f"not the trials of a study ({error!r})"
        raise DataError(f"{storage.name}: {said}; {REMEDY}") from None
    storage.check_end()
    if [each.number for each in found] != list(range(len(found))):
        raise DataError(f"{storage.name}: configurations are missing in it; {REMEDY}")
    return found


def _examined(
    storage: StudyStorage, recorded: Sequence[Configuration], grown: bool
) -> tuple[str, Sequence[Configuration]]:
    """What is wrong with a storage (empty where nothing is), and the configurations to keep."""
    if not storage.exists() and not recorded:
        return "", ()
    try:
        found = _whole_configurations(storage)
    except DataError as error:
        return str(error).partition(";")[0], max(_salvaged(storage), recorded, key=len)
    if len(found) < len(recorded):
        return f"{storage.name}: it lacks configurations that {CONFIGURATIONS} holds", recorded
    # The study may have gone on elsewhere (another storage, --retry-failed) since it was left.
    if storage.shared and not all(map(_is_same, found, recorded, itertools.repeat(grown))):
        return f"{storage.name}: it holds others than {CONFIGURATIONS}", recorded
    return "", found


def _is_same(found: Configuration, recorded: Configuration, grown: bool) -> bool:
    """Whether a storage holds a configuration as it was recorded, there maybe on more seeds."""
    same = found.keys == recorded.keys or (grown and {*found.keys} < {*recorded.keys})
    failed_since = grown and recorded.objectives is None
    ends = failed_since or found.objectives == recorded.objectives
    return found.regime == recorded.regime and same and ends


def _salvaged(storage: StudyStorage) -> Sequence[Configuration]:
    """The configurations of a storage before the first damage."""
    with storage.sound() as sound:
        try:
            return _whole_configurations(sound)
        except DataError:
            return ()


def _replace(storage: StudyStorage, record: StudyRecord, kept: Sequence[Configuration]) -> None:
    """Fill a storage anew with some configurations."""
    on = record.trained_on
    fewer = bool(record.growth)
    trials = [(each.regime, recalled(record.spec, on, each, fewer=fewer)) for each in kept]
    with storage.made_anew() as fresh:
        studies = _opened(fresh, record)
        for regime, trial in trials:
            studies[regime].add_trial(trial)
