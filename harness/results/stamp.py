"""`tables.json`: what a study's tables were made from, so that no reader shows outdated ones.

The frontier stage writes its tables all together, this stamp last. Readers compare it with the
study's record and with the code at hand: tables without a stamp, or with another, are refused.
"""

import functools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pydantic

from harness.core.errors import InputError
from harness.core.external_plugins import external_digest
from harness.core.files import content_key, discard, file_digest
from harness.core.records import Record, read_record, write_record
from harness.core.sources import source_digest
from harness.results.absent import tables_again
from harness.results.study_record import Reference, StudyRecord, read_study_record

STAMP = "tables.json"
STAGE = "analysis.frontier_stage"
"""The module of harness that makes the tables."""
COUNTED = (
    "analysis", "frontier", "metrics", "policies", "statistics", "tasks", "core.budgets",
    "core.types", "results.budget_table", "results.tables", "results.trials",
)  # fmt: skip
"""Layers and modules whose code the tables' numbers depend on, as far as the stage imports them."""
TRIALS, SECONDS = "trials.parquet", "train_seconds"
"""The table of the trials, and its column that no two runs share: it does not count."""
_ROOT = Path(__file__).parents[1]
_SCRATCH, _LOCK = ".tables", ".tables.lock"


class Stamp(Record):
    """What a set of tables was made from, and the digest of each.

    Attributes
    ----------
    study
        `StudySpec.identity`.
    data
        Digest of the split.
    trials
        Trials of the recorded configurations, failed ones included.
    recorded
        Digest of these configurations.
    code
        Digest of the code that makes the tables (`stage_code`).
    tables
        File, relative to the folder of the tables, to SHA-256, of all that commands read.
    """

    study: dict[str, pydantic.JsonValue]
    data: str
    reference: Reference
    trials: int
    recorded: str
    code: str
    tables: dict[str, str]

    @classmethod
    def of(cls, record: StudyRecord, tables: dict[str, str]) -> "Stamp":
        """The stamp of tables that the code at hand made from a record."""
        return cls(
            study=record.spec.identity(),
            data=record.manifest.digest,
            reference=record.reference,
            trials=sum(len(each.keys) for each in record.configurations),
            recorded=record.recorded_digest(),
            code=stage_code(record.spec.policy.name),
            tables=tables,
        )

    def outdated(self, now: "Stamp") -> Iterator[str]:
        """What changed since these tables were made, in words; `now` is what they should be of."""
        changed = sorted(
            name
            for name in {*self.study, *now.study}
            if self.study.get(name) != now.study.get(name)
        )
        if changed:
            yield f"the study changed ({', '.join(changed)})"
        if self.data != now.data:
            yield f"the data changed (digest {now.data[:12]}, the tables are of {self.data[:12]})"
        if self.reference != now.reference:
            yield "the reference point changed"
        if self.trials != now.trials:
            yield f"{now.trials} trials are recorded, the tables are of {self.trials}"
        elif self.recorded != now.recorded:
            yield "other trials are recorded"
        if self.code != now.code:
            yield "the code that makes them changed"


def stage_code(policy: str) -> str:
    """Digest of the code that makes the tables, and of an exit policy's."""
    external = external_digest("policies", policy)
    found = [_code(STAGE), external or _code(f"policies.{policy}")]
    return content_key([*found], 32)


@functools.cache
def _code(module: str) -> str:
    within = tuple(f"harness.{name}" for name in COUNTED)
    return source_digest(_ROOT, "harness", module, within)


@contextmanager
def table_set(folder: Path, record: StudyRecord) -> Iterator[Path]:
    """Yield an empty folder for tables; at the end they replace those in `folder`, all together.

    The stamp is taken away before the first table is moved and written after the last: where it is
    missing, a stage was cut off between the two.

    Parameters
    ----------
    record
        What the tables are made from.

    Raises
    ------
    InputError
        Another stage is writing tables to this folder.
    """
    # Before the tables are made: what they will be of, and the code that this process runs.
    stamp = Stamp.of(record, {})
    lock, scratch = filelock.FileLock(folder / _LOCK, timeout=0), folder / _SCRATCH
    try:
        lock.acquire()
    except filelock.Timeout:
        raise InputError(f"{folder}: another `harness frontier` is writing its tables") from None
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        yield scratch
        files = sorted(path for path in scratch.rglob("*") if path.is_file())
        tables = {path.relative_to(scratch).as_posix(): _digest(path) for path in files}
        discard(folder / STAMP)
        for path in scratch.iterdir():
            target = folder / path.name
            if path.is_dir() or target.is_dir():  # what is in it may have left the study
                discard(target)
            path.replace(target)
        write_record(folder / STAMP, stamp.model_copy(update={"tables": tables}))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        lock.release()


def check_table(folder: Path, name: str) -> None:
    """Refuse a table that is missing, or not of the study as it is recorded in its folder.

    Raises
    ------
    InputError
        The message says what changed since the table was made, and which command makes it anew.
    """
    record = read_study_record(folder)
    remedy = tables_again(folder, record.name)
    if reason := outdated(folder, record):
        raise InputError(f"{folder}: {reason}; {remedy}")
    if fault := _fault(folder, name):
        raise InputError(f"{folder / name}: {fault}; {remedy}")


def outdated(folder: Path, record: StudyRecord) -> str:
    """Why the tables in a folder are not those of a record, in words; empty where they are."""
    if not (folder / STAMP).is_file():
        return "its tables, or some of them, are not there yet"
    try:
        stamp = read_record(folder / STAMP, Stamp)
    except InputError:
        return f"{STAMP} cannot be read, so that nothing says what its tables were made from"
    changed = "; ".join(stamp.outdated(Stamp.of(record, {})))
    return f"the tables are out of date: {changed}" if changed else ""


def _fault(folder: Path, name: str) -> str:
    """Why a table is not the one that the stamp was written for; empty where it is."""
    known = read_record(folder / STAMP, Stamp).tables.get(name)
    if not (folder / name).is_file():
        return "missing"
    return "" if _digest(folder / name) == known else "changed after it was written"


def _digest(path: Path) -> str:
    """Digest of a table's file; of the trials' table that of all columns but the seconds."""
    if path.name != TRIALS:
        return file_digest(path)
    import pandas as pd  # slow to import

    try:
        table = pd.read_parquet(path)
    except Exception:  # a damaged file may raise any
        return file_digest(path)
    plain = table.drop(columns=SECONDS, errors="ignore").to_csv(index=False)
    return content_key([plain], length=64)
