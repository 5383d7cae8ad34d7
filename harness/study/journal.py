"""Optuna's storage of a study: one Optuna study per regime, in one journal file."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial

from harness.core.study_spec import StudySpec
from harness.results.study_record import JOURNAL, Configuration
from harness.study.proposer import to_record


class Journal:
    """The finished configurations of a study; the launcher is their only writer.

    Each regime is an Optuna study of its own (`<study>/<regime>`): its search space is then not
    conditional, so that every sampler applies, and parameter importances are per regime.
    """

    def __init__(self, folder: Path, spec: StudySpec) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Launches of one study exclude each other: a lock that is there was left by a killed one.
        # Optuna would wait for it, for ever where its link is relative.
        (folder / f"{JOURNAL}.lock").unlink(missing_ok=True)
        storage = JournalStorage(JournalFileBackend(str(folder.resolve() / JOURNAL)))
        self._studies = {
            regime: optuna.create_study(
                study_name=f"{spec.name}/{regime}",
                storage=storage,
                directions=[metric.goal for metric in spec.metrics],
                load_if_exists=True,
            )
            for regime in spec.regimes
        }
        names: list[str] = [metric.name for metric in spec.metrics]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            for study in self._studies.values():
                study.set_metric_names(names)

    def finished(self, regime: str) -> Sequence[FrozenTrial]:
        """A regime's finished configurations, in the order in which they were added."""
        return self._studies[regime].get_trials(deepcopy=False)

    def configurations(self) -> list[Configuration]:
        """All regimes' finished configurations, in order of number."""
        found = [
            to_record(regime, trial) for regime in self._studies for trial in self.finished(regime)
        ]
        return sorted(found, key=lambda configuration: configuration.number)

    def add(self, regime: str, trial: FrozenTrial) -> None:
        """Append one finished configuration."""
        self._studies[regime].add_trial(trial)
