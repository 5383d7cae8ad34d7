"""Making, extending and changing an imported study on disk."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.files import atomic_folder, discard, remove_leftovers
from harness.core.records import read_record, write_record
from harness.results import study_record, trials
from harness.results.confirmation import confirmation_folder, write_test_samples
from harness.results.incoming import Stored, take_in
from harness.results.launch_lock import only_launch
from harness.results.remedies import IMPORT
from harness.results.study_record import StudyRecord, read_study_record
from harness.study.imported.description import Description, read_description
from harness.study.imported.entries import Entry, Samples, Slot, stored_entries, take_in_networks
from harness.study.imported.layout import found_places
from harness.study.imported.records import Contents, check_name, fresh_record, search_record
from harness.study.scoring import Scorer


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    folder
        The study's.
    added, replaced, unchanged
        Networks of the outputs' folder: new to the study, in place of others, there already.
    networks
        Of the study now.
    """

    folder: Path
    record: StudyRecord
    added: int
    replaced: int
    unchanged: int
    networks: int


def import_outputs(
    results: Path,
    name: str,
    outputs: Path,
    said: Description,
    replace: bool = False,
    watch: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Make a study of the outputs in a folder, or take them into one that was made so.

    A new study appears whole or not at all. One that is there keeps its networks; where anything is
    wrong it stays as it is.

    Parameters
    ----------
    results
        Folder of the project's results.
    outputs
        Folder of the layout REGIME/CONFIGURATION/SEED.npz, with `import.yaml` or without.
    said
        What is said of them in place of `import.yaml`, and of what was said before.
    replace
        Whether other outputs take the place of those stored of the same network.
    watch
        Called with each file that is read.

    Raises
    ------
    InputError
        A file, a name or the description is not as it should be, networks were evaluated on other
        samples, outputs changed and are not to be replaced, or a launched study has this name.
    """
    check_name(name)
    places, told = found_places(outputs), said.over(read_description(outputs))
    target = results / name
    results.mkdir(parents=True, exist_ok=True)
    remove_leftovers(results)
    with contextlib.ExitStack() as held:
        stored = _stored(target, held)
        scratch = held.enter_context(_scratch(target))
        found, samples = take_in_networks(name, places, scratch, watch)
        known = _known(target, stored, samples)
        changed = [s for s, entry in found.items() if s in known and known[s].key != entry.key]
        if changed and not replace:
            raise InputError(_refusal(outputs, target, changed))
        kept = {slot: entry for slot, entry in known.items() if slot not in changed}
        contents = Contents(name, (*{**found, **kept}.values(),), samples, _all_said(told, target))
        record = _write(target, contents, stored)
    new = len(found.keys() - known.keys())
    same = len(found) - new - len(changed)
    return Imported(target, record, new, len(changed), same, len(contents.entries))


def _stored(target: Path, held: contextlib.ExitStack) -> StudyRecord | None:
    """The study that is there, held until all is written; None where there is none."""
    if not target.exists():
        return None
    if not (target / study_record.RECORD).is_file():
        raise InputError(f"{target}: exists and holds no study; import under another name")
    held.enter_context(only_launch(target))
    record = read_study_record(target)
    if not record.imported:
        raise InputError(f"{target}: a study that was launched; import under another name")
    return record


@contextlib.contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A hidden folder beside a study's, for the length of an import."""
    path = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.{os.getpid()}-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _known(target: Path, stored: StudyRecord | None, samples: Samples) -> Mapping[Slot, Entry]:
    """The networks that are there already."""
    if stored is None:
        return {}
    if stored.manifest.digest != samples.digest:
        raise InputError(
            f"{target}: its networks were evaluated on other samples (their labels differ); import "
            "under another name"
        )
    return stored_entries(target)


def _refusal(outputs: Path, target: Path, changed: list[Slot]) -> str:
    regime, configuration, seed = changed[0]
    more = f", and of {len(changed) - 1} more," if len(changed) > 1 else ""
    return (
        f"{outputs / regime / configuration / f'{seed}.npz'}: other outputs{more} than {target} "
        "holds of the same network; --replace takes them in place of those"
    )


def _all_said(told: Description, target: Path) -> Description:
    """What is said of a study now, and what was said of it before."""
    path = target / IMPORT
    return told.over(read_record(path, Description)) if path.is_file() else told


def _write(target: Path, contents: Contents, stored: StudyRecord | None) -> StudyRecord:
    """Write a study, or what changed of one that is there; its record afterwards."""
    search = search_record(contents)
    if stored is not None:
        versions = stored.seen_with({"harness": version("harness")}).versions
        search = search.model_copy(update={"versions": versions})
        with _only_whole(target):
            return _fill(target, contents, search)
    with atomic_folder(target) as folder:
        written = _fill(folder, contents, search)
    if read_study_record(target) != written:
        raise InputError(f"{target}: made by another import meanwhile; import again")
    return written


@contextlib.contextmanager
def _only_whole(target: Path) -> Iterator[None]:
    """Take away what was added to a study where its block fails."""
    folders = (target, confirmation_folder(target))
    before = [set(trials.stored_keys(folder)) for folder in folders]
    try:
        yield
    except BaseException:
        for folder, keys in zip(folders, before, strict=True):
            for key in set(trials.stored_keys(folder)) - keys:
                discard(trials.trial_folder(folder, key))
        raise


def _fill(folder: Path, contents: Contents, search: StudyRecord) -> StudyRecord:
    """Bring a study's folder to what it is made of; nothing is written where it is that already."""
    _copy(folder, contents.searched)
    search = _scored(folder, search)
    inner, fresh = confirmation_folder(folder), None
    if contents.fresh_seeds:
        _copy(inner, contents.fresh)
        fresh = _scored(inner, fresh_record(contents, search))
    if (_read(folder), _read(inner)) == (search, fresh) and contents.said == _all_said(
        Description(), folder
    ):
        return search
    write_record(folder / IMPORT, contents.said)
    study_record.write_study_record(folder, search)
    if fresh is None:
        discard(inner)
    else:
        every = np.arange(sum(contents.samples.counts["test"]))
        write_test_samples(inner, dict.fromkeys(contents.fresh_seeds, every))
        study_record.write_study_record(inner, fresh)
        trials.keep_only(inner, {e.key for e in contents.fresh})
    trials.keep_only(folder, {e.key for e in contents.searched})
    return search


def _copy(folder: Path, entries: Iterable[Entry]) -> None:
    for entry in entries:
        if not trials.has_result(folder, entry.key):
            take_in(entry.folder, folder, Stored("trials", entry.key))


def _scored(folder: Path, record: StudyRecord) -> StudyRecord:
    """The record with the objectives of its configurations, and their number."""
    scorer = Scorer(record, folder)
    scored = []
    for each in record.configurations:
        keys = [[key] for key in each.keys]  # one network per seed
        scored.append(each.model_copy(update={"objectives": scorer.objectives(keys, None)}))
    return record.model_copy(update={"configurations": tuple(scored), "recorded": len(scored)})


def _read(folder: Path) -> StudyRecord | None:
    there = (folder / study_record.RECORD).is_file()
    return read_study_record(folder) if there else None
