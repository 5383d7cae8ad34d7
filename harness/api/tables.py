"""A study's trials, curves and outputs, of its search and of its confirmation together."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.frontiers import trials_table
from harness.analysis.judged_outputs import judged_outputs
from harness.analysis.trial_tables import trial_tables
from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.results import trials
from harness.results.absent import check_outputs, outputs_are_here
from harness.results.confirmation import confirmation_folder
from harness.results.study_record import (
    RECORD,
    Configuration,
    StudyRecord,
    read_finished,
    read_study_record,
)
from harness.results.tables import read_trials

_NAMED = ["regime", "configuration", "key", "seed", "static_exit", "fresh", "epoch"]
"""Columns of every row of a curve."""
PARTS = ("validation", "calibration", "test")


def trials_frame(folder: Path) -> pd.DataFrame:
    """One row per trained network, searched ones first.

    Columns: number (of the configuration), regime, key, seed, static_exit (0 for an early-exit
    network, e for a static one that ends in exit e), the study's metrics (of the configuration, on
    validation), validation_accuracy_exit_1.. (of a regression r2 and rmse; after the last epoch),
    epochs, full_macs, train_seconds, the searched parameters (of an imported network the name of
    its configuration, and neither epochs nor seconds), and fresh: whether its seed is one of
    the confirmation's, on which nothing was chosen. Where the outputs of the trials are not here,
    from the tables that `harness frontier` wrote.

    Raises
    ------
    InputError
        Nothing has a result yet.
    DataError
        A trial is damaged.
    """
    read_finished(folder)
    parts = [
        _trials(each, record).assign(fresh=record.fresh is not None)
        for each, record in _folders(folder)
        if record.succeeded()
    ]
    table = pd.concat(parts, ignore_index=True)
    unknown = ["epochs", "train_seconds"] if read_finished(folder).imported else []
    return table.drop(columns=unknown)


def _trials(folder: Path, record: StudyRecord) -> pd.DataFrame:
    if outputs_are_here(folder):
        return trials_table(record, trial_tables(folder, record).facts)
    return read_trials(folder)


def curves_frame(folder: Path) -> pd.DataFrame:
    """One row per trained network and epoch; none of a study that was imported.

    Columns: regime, configuration, key, seed, static_exit, fresh, epoch (from 1), and those of the
    training's curve: train_loss, validation_accuracy_exit_1.. and what the regime adds.

    Raises
    ------
    InputError
        Nothing has a result yet.
    DataError
        A trial is damaged, or the outputs of the trials are not here.
    """
    parts = [pd.DataFrame(columns=_NAMED)] if read_finished(folder).imported else []
    for each, record in _folders(folder):
        for configuration in record.succeeded() if not record.imported else ():
            parts += [_curve(each, record, configuration, key) for key in configuration.keys]
    return pd.concat(parts, ignore_index=True)


def _curve(
    folder: Path, record: StudyRecord, configuration: Configuration, key: str
) -> pd.DataFrame:
    result = trials.read_trial(folder, key)
    values = (
        configuration.regime,
        configuration.number,
        key,
        result.spec.seed,
        result.spec.static_exit,
        record.fresh is not None,
        np.arange(1, len(result.curve) + 1),
    )
    named = pd.DataFrame(dict(zip(_NAMED, values, strict=True)))
    return pd.concat([named, result.curve], axis=1)


def outputs_of(folder: Path, key: str, part: str) -> ExitLogits:
    """Outputs of a trial on a part; parameters and errors are those of `Study.outputs`."""
    if part not in PARTS:
        raise InputError(f"part {part!r}: allowed are {', '.join(PARTS)}")
    for each, record in _folders(folder):
        if not trials.has_result(each, key):
            if any(key in configuration.keys for configuration in record.succeeded()):
                check_outputs(each)
            continue
        if part == "test":
            return judged_outputs(each, key)
        result = trials.read_trial(each, key)
        found = result.validation if part == "validation" else result.calibration
        if found is None:
            raise InputError(f"trial {key}: its split has no {part} part")
        return found
    raise InputError(f"trial {key!r}: none of this key in {folder}; `Study.trials` lists them")


def _folders(folder: Path) -> Iterator[tuple[Path, StudyRecord]]:
    """The folder of the search and, where there is one, of the confirmation, with their records."""
    yield folder, read_study_record(folder)
    fresh = confirmation_folder(folder)
    if (fresh / RECORD).is_file():
        yield fresh, read_study_record(fresh)
