"""Of two records of one study the longer, of which the other must be the beginning."""

from pathlib import Path

from harness.core.errors import InputError
from harness.core.files import reason_of
from harness.results.study_record import CONFIGURATIONS, StudyRecord
from harness.study.confirmation import fresh_trials
from harness.study.proposer import repeated
from harness.study.study_file import difference


def confirmed_record(
    folder: Path, ours: StudyRecord | None, source: Path, theirs: StudyRecord, searched: str
) -> StudyRecord | None:
    """The record of the confirmation afterwards: one of the search as it then is, if there is one.

    Where the two are of different plans, `harness confirm` goes on with the trials of both.
    """
    if theirs.fresh is None or theirs.fresh.searched != searched:
        return ours
    if ours is None or ours.fresh is None or ours.fresh.searched != searched:
        _check_configurations(source, theirs, 0)
        return theirs.model_copy(update={"superseded": True})
    return longer_record(folder, ours, source, theirs) if ours.fresh == theirs.fresh else ours


def longer_record(
    folder: Path, ours: StudyRecord | None, source: Path, theirs: StudyRecord
) -> StudyRecord:
    """The longer of two records of one study; raises InputError where they are of two."""
    if ours is None:
        _check_configurations(source, theirs, 0)
        return theirs
    if changed := difference(ours.identity(), theirs.identity()):
        raise InputError(
            f"{source}: another study than {folder}, of the same name; nothing was taken in. What "
            f"differs:\n{changed}"
        )
    for mine, other in zip(ours.configurations, theirs.configurations, strict=False):
        if mine != other:
            raise InputError(
                f"{source}: configuration {other.number} is not that of {folder}, so that one of "
                "them did not follow from what was recorded before (--retry-failed, or other "
                "versions of libraries); nothing was taken in"
            )
    if len(theirs.configurations) <= len(ours.configurations):
        return ours
    _check_configurations(source, theirs, len(ours.configurations))
    return _with_versions(theirs, ours)


def _with_versions(record: StudyRecord, other: StudyRecord) -> StudyRecord:
    """The record with the versions that another one was made with, too."""
    versions = {
        name: tuple(sorted({*record.versions.get(name, ()), *other.versions.get(name, ())}))
        for name in {**record.versions, **other.versions}
    }
    superseded = record.superseded or other.superseded
    return record.model_copy(update={"versions": versions, "superseded": superseded})


def _check_configurations(source: Path, record: StudyRecord, first: int) -> None:
    """Refuse configurations whose trials do not follow from their parameters."""
    path = source / CONFIGURATIONS
    for each in record.configurations[first:]:
        if record.fresh is None:
            fewer = bool(record.growth)
            repeated(record.spec, record.trained_on, each, fewer=fewer)
            continue
        try:
            keys = tuple(spec.key for spec in fresh_trials(record, each).specs)
        except (LookupError, ValueError) as error:
            fault = reason_of(error)
            raise InputError(
                f"{path}: configuration {each.number} has no trials ({fault})"
            ) from None
        if keys != each.keys:
            raise InputError(f"{path}: configuration {each.number} has other trials than its seeds")
