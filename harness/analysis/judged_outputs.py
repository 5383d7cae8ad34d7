"""Test outputs for readers outside, once the frontier stage has judged a study on them.

Part of the frontier stage, like `harness.analysis.frontiers`: it reads the test logits.
"""

from pathlib import Path

from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.results.sealed import read_test
from harness.results.stamp import outdated
from harness.results.study_record import read_study_record


def judged_outputs(folder: Path, key: str) -> ExitLogits:
    """Test logits [E, N, K] and labels [N] of a trial whose thresholds are chosen already.

    Parameters
    ----------
    folder
        Of the study, or of its confirmation.

    Raises
    ------
    InputError
        The frontier stage did not choose thresholds on validation and evaluate them on test, or
        something changed since.
    DataError
        The file is missing or damaged.
    """
    record = read_study_record(folder)
    if reason := outdated(folder, record):
        raise InputError(
            f"{folder}: test outputs are shown once thresholds are chosen on validation and "
            f"evaluated; {reason}: run `harness frontier {record.name}`"
        )
    return read_test(folder, key)
