"""The storage of a launch: a database where its address is given, else the folder's journal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.results.study_record import JOURNAL
from harness.study.storages import StudyStorage
from harness.study.storages.journal_file import JournalFile


@contextmanager
def held_storage(
    address: str | None, folder: Path, check_stop: Callable[[], None]
) -> Iterator[StudyStorage]:
    """Hold the storage of a study's folder, which this process holds, while the block runs.

    Parameters
    ----------
    address
        Of a PostgreSQL database, or None for the folder's journal.
    check_stop
        Raises `Stopped` once the launch was asked to stop.

    Raises
    ------
    InputError
        The database is out of reach, or another launch holds the study there.
    """
    if address is None:
        yield JournalFile(folder / JOURNAL)
        return
    from harness.study.storages.postgresql import held_database

    with held_database(address, folder.name, check_stop) as database:
        yield database
