"""What only a study can do whose networks harness has itself."""

from harness.core.errors import InputError
from harness.results.study_record import StudyRecord


def check_trained_here(record: StudyRecord, what: str) -> None:
    """Refuse what needs the networks of a study of which harness has the outputs alone.

    Parameters
    ----------
    what
        What needs them, for the message.

    Raises
    ------
    InputError
        The study was imported.
    """
    if record.imported:
        raise InputError(
            f"study {record.name}: imported by `harness import`; {what} needs the networks "
            "themselves, and harness has their outputs alone"
        )
