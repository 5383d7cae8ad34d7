"""A study's Optuna studies in one journal file of its folder."""

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from harness.core.errors import DataError
from harness.core.files import atomic_file, discard, read_bytes, reason_of
from harness.study.storages import IDENTITY, REMEDY, Found, StudyStorage


class JournalFile(StudyStorage):
    """Optuna's journal; the lock of the study's folder keeps other launches away.

    Parameters
    ----------
    path
        The file; one that is replaced is kept beside it as `<name>.damaged`.
    """

    shared: ClassVar[bool] = False

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, str(path)

    def prepare(self) -> None:
        """Make its folder, and remove the lock that a killed launch left."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Launches of one study exclude each other: a lock that is there was left by a killed one.
        # Optuna would wait for it, for ever where its link is relative.
        self.path.with_name(f"{self.path.name}.lock").unlink(missing_ok=True)

    def backend(self) -> JournalStorage:
        """Optuna's storage in the file, which is made where there is none."""
        return JournalStorage(JournalFileBackend(str(self.path.resolve())))

    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.path.exists()

    def read(self) -> dict[str, optuna.Study]:
        """The Optuna studies by regime; a last line without its end is still being written."""
        read_bytes(self.path, f"no such file; {REMEDY}")
        try:
            backend = self.backend()
            return {
                name.rpartition("/")[2]: optuna.load_study(study_name=name, storage=backend)
                for name in optuna.get_all_study_names(backend)
            }
        except Exception as error:  # Optuna does as the lines say: damaged ones may raise any
            said = f"not a readable journal ({reason_of(error)})"
            raise DataError(f"{self.name}: {said}; {REMEDY}") from None

    def check_end(self) -> None:
        """Raise DataError where the last line is cut off."""
        if not (self.path.read_bytes() or b"\n").endswith(b"\n"):
            raise DataError(f"{self.name}: its last line is cut off; {REMEDY}")

    @contextmanager
    def sound(self) -> "Iterator[JournalFile]":
        """A copy of the lines before the first damaged one."""
        lines = self.path.read_bytes().splitlines(keepends=True) if self.path.is_file() else []
        whole: list[bytes] = list(itertools.takewhile(_is_whole, lines))
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / self.path.name
            copy.write_bytes(b"".join(whole))
            yield JournalFile(copy)

    @contextmanager
    def made_anew(self) -> "Iterator[JournalFile]":
        """A new file, which takes the old one's place; that is kept as `<name>.damaged`."""
        new, damaged = ".new", ".damaged"
        fresh, aside = (self.path.with_name(self.path.name + end) for end in (new, damaged))
        discard(fresh)
        yield JournalFile(fresh)
        if self.path.exists():
            discard(aside)
            self.path.rename(aside)
        fresh.rename(self.path)

    def rename_studies(self, old: str, new: str) -> None:
        """Let the Optuna studies of a study, if there are any, be those of another name.

        Optuna has no call for that. A damaged line stays as it is.
        """
        if not self.path.is_file():
            return
        lines = self.path.read_text(encoding="utf-8", errors="surrogateescape").splitlines(True)
        text = "".join(_renamed(line, old, new) for line in lines)
        with atomic_file(self.path) as temporary:
            temporary.write_text(text, encoding="utf-8", errors="surrogateescape")

    def discard(self) -> None:
        """Delete the file."""
        discard(self.path)

    def patiently(self, work: Callable[[], Found]) -> Found:
        """Do some work: the file is in reach."""
        return work()


def _renamed(line: str, old: str, new: str) -> str:
    """A line of a journal, in which a study has another name, and knows it by that."""
    try:
        log = json.loads(line)
    except ValueError:
        return line
    name = log.get("study_name", "") if isinstance(log, dict) else ""
    identity = log.get("user_attr", {}).get(IDENTITY) if isinstance(log, dict) else None
    if name.rpartition("/")[0] == old:
        log["study_name"] = f"{new}/{name.rpartition('/')[2]}"
    elif isinstance(identity, dict):
        identity["name"] = new
    else:
        return line
    return json.dumps(log, separators=(",", ":")) + line[len(line.rstrip("\n")) :]


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return line.endswith(b"\n")
