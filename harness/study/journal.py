"""The finished configurations of a study in Optuna's storage: one Optuna study per regime."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import optuna
import pydantic
from optuna.trial import FrozenTrial

from harness.core.errors import DataError
from harness.results.study_record import (
    CONFIGURATIONS,
    Configuration,
    StudyRecord,
    whole_configurations,
)
from harness.study.proposer import recalled, to_record
from harness.study.storages import IDENTITY, REMEDY, StoredStudies, StudyStorage

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
        fault, kept = _examined(storage, whole_configurations(folder))
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

        def added() -> None:
            # Its answer may have been lost on the way, and the work is done again.
            known = study.get_trials(deepcopy=False)
            if all(each.user_attrs["number"] != number for each in known):
                study.add_trial(trial)

        self._storage.patiently(added)


def recorded_identity(storage: StoredStudies) -> dict[str, pydantic.JsonValue] | None:
    """What study a storage holds (`StudyRecord.identity`); None where it does not say."""
    try:
        studies = storage.read()
    except DataError:
        return None
    found = [study.user_attrs.get(IDENTITY) for study in studies.values()]
    return next((each for each in found if isinstance(each, dict)), None)


def _opened(storage: StudyStorage, record: StudyRecord) -> dict[str, optuna.Study]:
    """The Optuna study of each regime, made where it is not there yet."""
    backend = storage.backend()  # makes it
    known = storage.read() if storage.exists() else {}
    spec, identity = record.spec, record.identity()
    for regime in spec.regimes:
        if regime not in known:
            known[regime] = optuna.create_study(
                study_name=f"{spec.name}/{regime}",
                storage=backend,
                directions=[metric.goal for metric in spec.metrics],
            )
        if IDENTITY not in known[regime].user_attrs:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                known[regime].set_metric_names([metric.name for metric in spec.metrics])
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
    storage: StudyStorage, recorded: Sequence[Configuration]
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
    if storage.shared and _results(found[: len(recorded)]) != _results(recorded):
        return f"{storage.name}: it holds others than {CONFIGURATIONS}", recorded
    return "", found


def _results(configurations: Sequence[Configuration]) -> list[tuple[object, ...]]:
    return [(each.regime, each.keys, each.objectives) for each in configurations]


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
    trials = [(each.regime, recalled(record.spec, on, each)) for each in kept]
    with storage.made_anew() as fresh:
        studies = _opened(fresh, record)
        for regime, trial in trials:
            studies[regime].add_trial(trial)
