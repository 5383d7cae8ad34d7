"""The confirmation of a study: what its search found, trained again on fresh seeds.

It lies in `results/<study>/confirmation/` like a study of its own, with the test samples of each
seed's split beside it.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harness.core.arrays import read_arrays
from harness.core.errors import DataError, InputError
from harness.core.files import atomic_file
from harness.core.types import Ints
from harness.results.remedies import CONFIRMATION
from harness.results.study_record import RECORD, StudyRecord, read_finished, read_study_record

TEST_SAMPLES = "test_samples.npz"


def confirmation_folder(study_folder: Path) -> Path:
    """Folder of a study's confirmation, which need not be there."""
    return study_folder / CONFIRMATION


def confirmed(study_folder: Path) -> StudyRecord | None:
    """The record of a study's confirmation; None where it has none, or one that is not complete.

    Raises
    ------
    InputError
        It is of another state of the search than the study's record.
    """
    folder = confirmation_folder(study_folder)
    if not (folder / RECORD).is_file():
        return None
    record, search = read_study_record(folder), read_study_record(study_folder)
    if record.state != "done" or record.fresh is None or not record.succeeded():
        return None
    if record.fresh.searched != search.recorded_digest():
        raise InputError(
            f"{folder}: the search went on since it was confirmed; `harness confirm {search.name}` "
            "trains what is new"
        )
    return record


def read_confirmed(study_folder: Path) -> StudyRecord:
    """The record of a study's confirmation.

    Raises
    ------
    InputError
        The study has none, or one of another state of the search.
    """
    record = confirmed(study_folder)
    if record is None:
        search = read_finished(study_folder)
        how = (
            "import it with --fresh, which says on which seeds nothing was chosen"
            if search.imported
            else f"`harness confirm {search.name}`"
        )
        raise InputError(f"{study_folder}: nothing is confirmed on fresh seeds yet; {how}")
    return record


def write_test_samples(folder: Path, samples: Mapping[int, Ints]) -> None:
    """Keep which samples of the data set each seed is tested on: int64 [N] each."""
    named = {str(seed): indices for seed, indices in samples.items()}
    with atomic_file(folder / TEST_SAMPLES) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **named)


def read_test_samples(folder: Path, record: StudyRecord) -> Mapping[int, Ints]:
    """Which samples of the data set each seed of a confirmation is tested on: int64 [N] each.

    Raises
    ------
    DataError
        The file is missing or damaged.
    """
    path = folder / TEST_SAMPLES
    remedy = f"`harness confirm {record.name}` writes it anew"
    arrays = read_arrays(path, "indices", remedy, tuple(map(str, record.spec.seeds)))
    if any(arrays[str(seed)].dtype != np.int64 for seed in record.spec.seeds):
        raise DataError(f"{path}: not rows of whole numbers; {remedy}")
    return {seed: arrays[str(seed)].astype(np.int64) for seed in record.spec.seeds}
