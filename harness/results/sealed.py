"""The only reader of test logits; only the frontier stage may import it (lint-imports)."""

from pathlib import Path

from harness.core.types import ExitLogits
from harness.results.outputs import read_logits
from harness.results.trials import TEST, trial_folder


def read_test(study_folder: Path, key: str) -> ExitLogits:
    """Test logits [E, N, K] and labels [N] of one trial.

    Raises
    ------
    DataError
        The file is missing or damaged.
    """
    return read_logits(trial_folder(study_folder, key) / TEST)
