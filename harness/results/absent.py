"""Trials whose outputs are not here: a clone holds a study's record and tables, no trial's folder.

Git keeps what is small; outputs and weights of networks are trained again where they are wanted.
"""

import os
from pathlib import Path

from harness.core.errors import DataError, InputError
from harness.results.remedies import CONFIRMATION, study_name, trained_again
from harness.results.study_record import RECORD, read_header

TRIALS_FOLDER = "trials"
_STAGES = "dvc.yaml"


def outputs_are_here(study_folder: Path) -> bool:
    """Whether the folder of a study, or of its confirmation, holds the outputs of any trial."""
    try:
        with os.scandir(study_folder / TRIALS_FOLDER) as found:
            return any(not each.name.startswith(".") for each in found)
    except OSError:  # no folder
        return False


def check_outputs(study_folder: Path) -> None:
    """Refuse to go on where no trial's outputs are here.

    Raises
    ------
    DataError
        The message says how the trials are trained again.
    """
    if not outputs_are_here(study_folder):
        raise DataError(outputs_wanted(study_folder))


def outputs_wanted(study_folder: Path) -> str:
    """A sentence without its full stop: no outputs are here, and how the trials are trained again.

    Parameters
    ----------
    study_folder
        Of a study, or of its confirmation.
    """
    name = study_name(study_folder)
    try:
        record = read_header(study_folder)
    except InputError:
        return f"the outputs of the trials of {name} are not here; {trained_again(study_folder)}"
    if record.imported:
        return f"the outputs of the trials of {name} are not here; {trained_again(study_folder)}"
    folder = study_folder.parent if study_folder.name == CONFIRMATION else study_folder
    fresh = " --confirm" if (folder / CONFIRMATION / RECORD).is_file() else ""
    launch = f"`harness launch studies/{name}.yaml{fresh}`"
    if (folder.resolve().parent.parent / _STAGES).is_file():
        where, how = "not in git", f"`dvc repro frontier@{name}` (or {launch})"
    else:
        where, how = "not here", launch
    expected = record.spec.expected_duration
    takes = f", {expected}" if expected else ""
    return f"the outputs of the trials of {name} are {where}; {how} trains them again{takes}"


def tables_again(folder: Path, name: str | None = None) -> str:
    """How the tables of a study, or of its confirmation, are made again.

    Parameters
    ----------
    name
        The study's; None for its folder's.
    """
    again = f"run `harness frontier {name or study_name(folder)}`"
    if outputs_are_here(folder) or not (folder / RECORD).is_file():
        return again
    return f"{again} once its trials are here: {outputs_wanted(folder)}"
