"""A study's trials, curves and outputs, of its search and of its confirmation together."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.frontiers import trials_table
from harness.analysis.judged_outputs import judged_outputs
from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.results import trials
from harness.results.confirmation import confirmation_folder
from harness.results.study_record import RECORD, StudyRecord, read_finished, read_study_record

PARTS = ("validation", "calibration", "test")


def trials_frame(folder: Path) -> pd.DataFrame:
    """One row per trained network, searched ones first.

    Columns: number (of the configuration), regime, key, seed, static_exit (0 for an early-exit
    network, e for a static one that ends in exit e), the study's metrics (of the configuration, on
    validation), validation_accuracy_exit_1.. (of a regression r2 and rmse; after the last epoch),
    epochs, full_macs, train_seconds, the searched parameters, and fresh: whether its seed is one of
    the confirmation's, on which nothing was chosen.

    Raises
    ------
    InputError
        Nothing has a result yet.
    DataError
        A trial is damaged.
    """
    read_finished(folder)
    parts = [
        trials_table(each, record).assign(fresh=record.fresh is not None)
        for each, record in _folders(folder)
        if record.succeeded()
    ]
    return pd.concat(parts, ignore_index=True)


def curves_frame(folder: Path) -> pd.DataFrame:
    """One row per trained network and epoch.

    Columns: regime, configuration, key, seed, static_exit, fresh, epoch (from 1), and those of the
    training's curve: train_loss, validation_accuracy_exit_1.. and what the regime adds.

    Raises
    ------
    InputError
        Nothing has a result yet.
    DataError
        A trial is damaged.
    """
    read_finished(folder)
    parts = []
    for each, record in _folders(folder):
        for configuration in record.succeeded():
            for key in configuration.keys:
                result = trials.read_trial(each, key)
                epochs = len(result.curve)
                named = pd.DataFrame(
                    {
                        "regime": configuration.regime,
                        "configuration": configuration.number,
                        "key": key,
                        "seed": result.spec.seed,
                        "static_exit": result.spec.static_exit,
                        "fresh": record.fresh is not None,
                        "epoch": np.arange(1, epochs + 1),
                    }
                )
                parts.append(pd.concat([named, result.curve], axis=1))
    return pd.concat(parts, ignore_index=True)


def outputs_of(folder: Path, key: str, part: str) -> ExitLogits:
    """Outputs of a trial on a part; parameters and errors are those of `Study.outputs`."""
    if part not in PARTS:
        raise InputError(f"part {part!r}: allowed are {', '.join(PARTS)}")
    for each, _ in _folders(folder):
        if not trials.has_result(each, key):
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
