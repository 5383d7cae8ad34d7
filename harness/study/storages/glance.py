"""What a storage holds of a study, read without holding the study: nothing is written."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy import inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from harness.core.errors import DataError, InputError
from harness.results.study_record import JOURNAL
from harness.study.storages import REMEDY, StoredStudies
from harness.study.storages.address import CONNECT, lasting_connection, parse_address, shown_address
from harness.study.storages.advisory_lock import check_free
from harness.study.storages.journal_file import JournalFile
from harness.study.storages.postgresql import database_fault


@dataclass(frozen=True)
class _Read:
    """The Optuna studies that a database held (`harness.study.storages.StoredStudies`)."""

    name: str
    studies: dict[str, optuna.Study]
    shared: bool = True

    def read(self) -> dict[str, optuna.Study]:
        """The studies by regime; raises DataError where there is none."""
        if not self.studies:
            raise DataError(f"{self.name}: no such study in this database; {REMEDY}")
        return self.studies


def glance(address: str | None, folder: Path) -> StoredStudies:
    """What the storage of a study's folder holds now.

    Parameters
    ----------
    address
        Of a PostgreSQL database, or None for the folder's journal.

    Raises
    ------
    InputError
        The database is out of reach, or a launch holds the study there.
    """
    if address is None:
        return JournalFile(folder / JOURNAL)
    url, study = parse_address(address), folder.name
    try:
        with closing(lasting_connection(url, f"harness dry run {study}")) as connection:
            check_free(connection, url, study)
            made = inspect(connection).has_table("studies")
        return _Read(shown_address(url), _studies(url, study) if made else {})
    except (SQLAlchemyError, StorageInternalError, RuntimeError) as error:
        raise InputError(f"--storage {shown_address(url)}: {database_fault(error)}") from None


def _studies(url: URL, study: str) -> dict[str, optuna.Study]:
    address = url.render_as_string(hide_password=False)
    backend = RDBStorage(
        address,
        engine_kwargs={"connect_args": CONNECT, "poolclass": NullPool},
        skip_table_creation=True,
    )
    names = [n for n in optuna.get_all_study_names(backend) if n.rpartition("/")[0] == study]
    return {
        name.rpartition("/")[2]: optuna.load_study(study_name=name, storage=backend)
        for name in names
    }
