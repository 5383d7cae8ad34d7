"""Reader of a study's journal: an Optuna study per regime, named `<study>/<regime>`."""

from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from harness.core.errors import DataError
from harness.core.files import read_bytes, reason_of

REMEDY = "launch the study again, which makes it anew from configurations.jsonl"
"""What to do where a journal is damaged."""


def journal_storage(path: Path) -> JournalStorage:
    """Optuna's storage in a journal file, which is made where there is none."""
    return JournalStorage(JournalFileBackend(str(path.resolve())))


def read_journal(path: Path) -> dict[str, optuna.Study]:
    """The Optuna studies of a journal by regime; takes no lock and writes nothing.

    A last line without its end is still being written.

    Raises
    ------
    DataError
        The file is missing or damaged.
    InputError
        It may not be read.
    """
    read_bytes(path, f"no such file; {REMEDY}")
    try:
        storage = journal_storage(path)
        return {
            name.rpartition("/")[2]: optuna.load_study(study_name=name, storage=storage)
            for name in optuna.get_all_study_names(storage)
        }
    except Exception as error:  # Optuna does as the lines say: damaged ones may raise any
        raise DataError(f"{path}: not a readable journal ({reason_of(error)}); {REMEDY}") from None
