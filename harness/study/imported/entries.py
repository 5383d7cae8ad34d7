"""The networks of an imported study: those that a folder holds, and those stored already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from harness.core.errors import DataError
from harness.core.trial_spec import Choice, TrialSpec
from harness.policies.predictions import scores
from harness.results import trials
from harness.results.confirmation import confirmation_folder
from harness.results.remedies import recorded_again
from harness.results.study_record import (
    CONFIGURATIONS,
    RECORD,
    StudyRecord,
    read_study_record,
)
from harness.results.trials import TrialResult, write_trial
from harness.study.imported.layout import Place
from harness.study.imported.network import Network, check_same_samples, read_network

IMPORTED = "imported"
"""Name of the backbone of networks that harness has not."""
NAME = "name"
"""The parameter of a configuration that holds its folder's name."""
Slot: TypeAlias = tuple[str, str, int]
"""Regime, configuration and seed: what a study has one network of."""


@dataclass(frozen=True)
class Entry:
    """A network of an imported study.

    Attributes
    ----------
    key
        Of its trial.
    full
        MACs of the full network without its early exits.
    folder
        The study's folder, or another of that shape, that holds its trial.
    """

    regime: str
    configuration: str
    seed: int
    key: str
    full: float
    folder: Path

    @property
    def slot(self) -> Slot:
        """What the study has one network of."""
        return self.regime, self.configuration, self.seed


@dataclass(frozen=True)
class Samples:
    """The samples that all networks of a study are evaluated on.

    Attributes
    ----------
    digest
        Of the labels of all parts.
    counts
        By part: samples of each class [K].
    """

    digest: str
    counts: Mapping[str, tuple[int, ...]]

    @property
    def classes(self) -> int:
        """K, the number of classes."""
        return len(self.counts["validation"])


def take_in_networks(
    name: str, places: tuple[Place, ...], scratch: Path, watch: Callable[[str], None]
) -> tuple[dict[Slot, Entry], Samples]:
    """Read and check all networks, and write each as a trial to a folder.

    One is in memory at a time, beside the first.

    Parameters
    ----------
    name
        The study's.
    watch
        Called with each file that is taken in.

    Raises
    ------
    InputError
        A file is not as it should be, or two networks were not evaluated on the same samples.
    """
    found: dict[Slot, Entry] = {}
    first = (places[0].path, read_network(places[0].path))
    for place in places:
        network = read_network(place.path)
        check_same_samples(first, (place.path, network))
        spec = _spec(name, place, network)
        write_trial(scratch, _result(spec, network), {}, network.outputs["test"])
        entry = Entry(
            place.regime, place.configuration, place.seed, spec.key, network.costs.full, scratch
        )
        found[entry.slot] = entry
        watch(str(place.path))
    return found, _samples(first[1])


def stored_entries(folder: Path) -> dict[Slot, Entry]:
    """The networks of a study that was imported before, those of fresh seeds too.

    Raises
    ------
    DataError
        A file of the study is missing or damaged.
    """
    found: dict[Slot, Entry] = {}
    for each in (folder, confirmation_folder(folder)):
        if (each / RECORD).is_file():
            found |= _entries(each, read_study_record(each))
    return found


def _entries(folder: Path, record: StudyRecord) -> dict[Slot, Entry]:
    entries = []
    for configuration in record.configurations:
        name = configuration.parameters.get(NAME)
        if not isinstance(name, str):
            raise DataError(
                f"{folder / CONFIGURATIONS}: configuration {configuration.number} has no name; "
                f"{recorded_again(folder)}"
            )
        for key in configuration.keys:
            result = trials.read_trial(folder, key)
            entries.append(
                Entry(configuration.regime, name, result.spec.seed, key, result.costs.full, folder)
            )
    return {entry.slot: entry for entry in entries}


def _spec(name: str, place: Place, network: Network) -> TrialSpec:
    """What the trial is known by: the digest of its outputs stands for that of the code."""
    return TrialSpec(
        split=name,
        digest=network.labels_digest,
        backbone=Choice(IMPORTED, {}, ""),
        regime=Choice(place.regime, {NAME: place.configuration}, network.digest),
        training={},
        seed=place.seed,
    )


def _result(spec: TrialSpec, network: Network) -> TrialResult:
    validation = network.outputs["validation"]
    right = scores(validation.values.argmax(-1), validation)  # noqa: PD011 -- no pandas
    # A curve of the one epoch that is known, the last.
    curve = {f"validation_accuracy_exit_{e}": [float(row.mean())] for e, row in enumerate(right, 1)}
    return TrialResult(
        spec=spec,
        validation=validation,
        costs=network.costs,
        curve=pd.DataFrame(curve),
        seconds=0.0,
        versions={"harness": version("harness")},
        calibration=network.outputs.get("calibration"),
    )


def _samples(network: Network) -> Samples:
    counts = {
        part: tuple(np.bincount(found.class_labels, minlength=network.classes).tolist())
        for part, found in network.outputs.items()
    }
    return Samples(network.labels_digest, counts)
