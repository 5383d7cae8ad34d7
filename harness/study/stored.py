"""How a stored study differs from the one that is launched, and what it was given since."""

import logging
from pathlib import Path

from harness.core.errors import DataError, InputError
from harness.core.result_format import stored_format
from harness.results import study_record
from harness.results.growth import StoredStudy, grown_in_words, has_grown
from harness.results.study_record import StudyRecord, whole_configurations
from harness.results.trained_here import check_trained_here
from harness.study.journal import recorded_study
from harness.study.plan import planned_trials
from harness.study.storages import StoredStudies
from harness.study.study_file import difference

_LOG = logging.getLogger(__name__)


def differences(
    folder: Path, record: StudyRecord, storage: StoredStudies, *, restart: bool = False
) -> tuple[str, str]:
    """How the study stored in a folder, and that in a shared storage, differ from a record.

    Each is empty where it does not, or where none is stored. More regimes or seeds are no
    difference: the study goes on with them.

    Parameters
    ----------
    record
        The study as it is launched now.
    storage
        Where its proposals are kept.
    restart
        Whether it is to begin anew, as its file alone has it, where it was given regimes or seeds.

    Raises
    ------
    InputError
        The study of this name was imported: nothing of it can be trained here.
    """
    header = stored_header(folder)
    if isinstance(header, StudyRecord):
        check_trained_here(header, "a launch")
    changed = _difference(folder, header, record, storage, restart)
    return changed, _difference_elsewhere(record, storage, restart)


def grown_record(folder: Path, record: StudyRecord, storage: StoredStudies) -> StudyRecord:
    """The record of a study that goes on, with what it consisted of before it was given more.

    Parameters are those of `differences`, which finds none.
    """
    header, stored = stored_header(folder), recorded_study(storage)
    if isinstance(header, StudyRecord) and not (storage.shared and stored):
        number = max(len(whole_configurations(folder)), stored.number if stored else 0)
        stored = StoredStudy(header.identity(), header.growth, number)
    growth = stored.growth_to(record.identity()) if stored else ()
    if stored and growth != stored.growth:
        given = grown_in_words(growth[-1], tuple(record.spec.regimes), record.spec.seeds)
        _LOG.warning(
            "%s goes on with %s: its %d recorded configurations stay as they are",
            record.name, given, growth[-1].number,
        )  # fmt: skip
    planned = planned_trials(record.spec, growth)
    return record.model_copy(update={"growth": growth, "planned": planned})


def stored_header(folder: Path) -> StudyRecord | InputError:
    """The stored record, or what is wrong with it."""
    try:
        return study_record.read_header(folder)
    except InputError as error:
        return error


def _difference_elsewhere(record: StudyRecord, storage: StoredStudies, restart: bool) -> str:
    """How a study of this name in a storage that others use differs; empty where it does not."""
    stored = recorded_study(storage) if storage.shared else None
    return _unlike(stored, record, restart) if stored else ""


def _unlike(stored: StoredStudy, record: StudyRecord, restart: bool) -> str:
    """How a study differs from a stored one that it does not go on with; otherwise empty."""
    now = record.identity()
    if not restart and has_grown(stored.identity, now):
        return ""
    said = [stored.given_in_words() if restart else "", difference(stored.identity, now)]
    return "\n".join(filter(None, said))


def _difference(
    folder: Path,
    header: StudyRecord | InputError,
    record: StudyRecord,
    storage: StoredStudies,
    restart: bool,
) -> str:
    """How the stored study of a folder differs from `record`; empty where it does not."""
    if isinstance(header, StudyRecord):
        stored = StoredStudy(header.identity(), header.growth, header.recorded)
        return _unlike(stored, record, restart)
    found = stored_format(folder / study_record.RECORD)
    if found not in (None, record.format):
        return f"-format: {found}\n+format: {record.format}"
    names = (study_record.RECORD, study_record.CONFIGURATIONS, study_record.JOURNAL)
    if not any((folder / name).exists() for name in names):
        return ""
    held = recorded_study(storage) if isinstance(header, DataError) else None
    if held is None:
        if not any((folder / name).exists() for name in names[:2]):
            return ""  # a launch that ended before it recorded anything; its journal is set aside
        return f"{header}\nand {storage.name} does not say what study was searched there"
    changed = _unlike(held, record, restart)
    if not changed:
        _LOG.warning("%s: made anew; %s says what it held", header, storage.name)
    return changed
