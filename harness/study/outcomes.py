"""How a trial ended, as the study's folder holds it."""

from pathlib import Path

from harness.results import failures, trials
from harness.study.executors import TrialOutcome


def stored_outcome(folder: Path, key: str) -> TrialOutcome | None:
    """How a trial ended; None where that is not stored."""
    if trials.has_result(folder, key):
        return TrialOutcome(key)
    if failures.has_failure(folder, key):
        reason = failures.read_failure(folder, key).facts.reason
        return TrialOutcome(key, "diverged", reason)
    return None
