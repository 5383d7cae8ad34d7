"""Which runs in MLflow are this study folder's: `mlflow.json` lists the launches that logged it.

Several people may log studies of one name to one MLflow server. A run belongs to this folder where
its tag `harness.launch` holds a token of this file, wherever the folder has been moved meanwhile;
all other runs are left alone. Without the file every trial counts as not logged.
"""

import uuid
from dataclasses import dataclass
from pathlib import Path

from harness.core.files import content_key
from harness.core.records import Record, read_record, write_record
from harness.results.growth import spec_at
from harness.results.study_record import StudyRecord

LAUNCHES = "mlflow.json"
_REMEDY = "delete it: `harness sync` then logs all trials of the study once more"


@dataclass(frozen=True)
class Origin:
    """What tells a study's runs from all others in MLflow.

    Attributes
    ----------
    study
        Its name, which is the experiment's.
    identity
        Hash of the study and its data: metrics of an equal trial differ under another one.
    launches
        Tokens of the launches that logged its folder.
    """

    study: str
    identity: str
    launches: tuple[str, ...]


class Launches(Record):
    """Tokens of the launches that logged, the oldest first."""

    tokens: tuple[str, ...]


def read_launches(study_folder: Path) -> tuple[str, ...]:
    """Tokens of the launches that logged this folder; raises InputError for a damaged file."""
    path = study_folder / LAUNCHES
    return read_record(path, Launches, remedy=_REMEDY).tokens if path.exists() else ()


def add_launch(study_folder: Path) -> str:
    """Record a new token and return it.

    It is recorded before anything is logged under it: what a killed launch leaves is found again.
    """
    token = uuid.uuid4().hex
    tokens = (*read_launches(study_folder), token)
    write_record(study_folder / LAUNCHES, Launches(tokens=tokens))
    return token


def origin_of(study_folder: Path, record: StudyRecord) -> Origin:
    """What marks the runs of a study in its folder; raises InputError for a damaged file."""
    begun = spec_at(record.spec, record.growth, 0)
    identity = content_key([begun.identity(), record.manifest.digest])
    return Origin(record.name, identity, read_launches(study_folder))
