"""What the frontier stage takes from each trial on validation, kept while the trial stays as it is.

Of a study that grows only the new trials are read. The folder `.trial_tables` is derived and
disposable: where it is missing, damaged, or made by other code, all trials are read again.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from harness.analysis.curves import rise_at_end
from harness.analysis.evaluation import of_study
from harness.analysis.frontiers import LAST, no_points
from harness.analysis.trial_points import trial_points, with_all_exits
from harness.core.errors import InputError
from harness.core.files import atomic_folder, content_key, discard, file_digest
from harness.core.records import Record, read_record, write_record
from harness.results import trials
from harness.results.checkpoint import fingerprint
from harness.results.stamp import stage_code
from harness.results.study_record import Configuration, StudyRecord
from harness.results.tabular import read_table
from harness.results.trials import TrialResult

FOLDER = ".trial_tables"
_INDEX, _TABLES = "index.json", ("points", "facts", "weights")
_ENTRY = "entry"
"""Column of the kept tables: position of a row's trial in the index."""
_EMPTY = pd.DataFrame({_ENTRY: np.zeros(0, dtype=np.int64)})
_SCORE, _WEIGHT = "validation_accuracy_", "mean_weight_"
_ACCURACY = f"{_SCORE}exit_"

_Tables: TypeAlias = Sequence[pd.DataFrame]
"""Of points, facts and weights."""


@dataclass(frozen=True)
class TrialTables:
    """The trials of a study on validation, in the order of its configurations.

    Attributes
    ----------
    points
        As `harness.analysis.frontiers.validation_points` makes them, under the study's own policy.
    facts
        A row per trial: key, seed, static_exit, full_macs, train_seconds, epochs, last_exit_1..
        (score on validation after the last epoch), rising and rise (of its end, as of a
        `harness.analysis.curves.Rise`; `rise` is NaN where the training is too short).
    weights
        A row per trial and epoch: regime, key, epoch (from 1), exit_1.. (mean loss weight).
    """

    points: pd.DataFrame
    facts: pd.DataFrame
    weights: pd.DataFrame


class _Index(Record):
    """Which trials the kept tables are of, in order, and what made them.

    Attributes
    ----------
    made
        Digest of code and settings.
    entries
        A trial each: its configuration and the state of its folder.
    tables
        Digests of the tables' files.
    """

    made: str
    entries: tuple[str, ...] = ()
    tables: tuple[str, ...]


def trial_tables(folder: Path, record: StudyRecord) -> TrialTables:
    """The tables of all trials that gave a result.

    Raises
    ------
    InputError
        A trial is damaged, or no network of the study has what its policy needs.
    """
    evaluation, made = of_study(record), _made(record)
    wanted = {
        _entry(folder, key, configuration): (key, configuration)
        for configuration in record.succeeded()
        for key in configuration.keys
    }
    entries = tuple(wanted)
    known, kept = _read(folder, made)
    if known == entries:
        return _finished(folder, kept)
    place = {entry: number for number, entry in enumerate(entries)}
    parts = [_placed(kept, [place.get(entry, -1) for entry in known])]
    for entry in sorted(place.keys() - set(known), key=place.__getitem__):
        key, configuration = wanted[entry]
        result = trials.read_trial(folder, key)
        points = trial_points(result, configuration, record, evaluation)
        facts, weights = _facts(result), _weights(result, configuration.regime)
        own = (_EMPTY if points is None else points, facts, weights)
        parts.append([table.assign(**{_ENTRY: place[entry]}) for table in own])
    tables = [_joined(each) for each in zip(*parts, strict=True)]
    _write(folder, made, entries, tables)
    return _finished(folder, tables)


def _made(record: StudyRecord) -> str:
    """Digest of all that the tables depend on beside the trials and their configurations."""
    own, code = record.spec.identity(), stage_code(record.spec.policy.name)
    reference = record.reference.model_dump(mode="json")
    return content_key([code, own["policy"], own["thresholds"], reference, record.score], 32)


def _entry(folder: Path, key: str, configuration: Configuration) -> str:
    """What the rows of a trial depend on: where it stands in the study, and its files' state."""
    where = f"{configuration.number} {configuration.regime} {configuration.thresholds}"
    return f"{where} {key} {fingerprint(folder, key)}"


def _facts(result: TrialResult) -> pd.DataFrame:
    scores = result.curve.filter(like=_ACCURACY)
    found = rise_at_end(scores.mean(axis=1).to_numpy())
    last = {f"{LAST}{str(n).removeprefix(_SCORE)}": scores[n].iloc[-1] for n in scores}
    row = {
        "key": result.spec.key,
        "seed": result.spec.seed,
        "static_exit": result.spec.static_exit,
        "full_macs": result.costs.full,
        "train_seconds": result.seconds,
        "epochs": len(result.curve),
        "rising": found is not None and found.beyond_noise,
        "rise": np.nan if found is None else found.amount,
        **last,
    }
    return pd.DataFrame([row])


def _weights(result: TrialResult, regime: str) -> pd.DataFrame:
    weights = result.curve.filter(like=_WEIGHT)
    names = {"regime": regime, "key": result.spec.key, "epoch": range(1, len(weights) + 1)}
    exits = {str(name).removeprefix(_WEIGHT): weights[name].to_numpy() for name in weights}
    return pd.DataFrame({**names, **exits})


def _placed(tables: _Tables, places: Sequence[int]) -> _Tables:
    """The rows of the trials that have a place in the study, and not -1, with that place."""
    of = np.asarray(places, dtype=np.int64)
    placed = (table.assign(**{_ENTRY: of[table[_ENTRY]]}) for table in tables)
    return [table[table[_ENTRY] >= 0] for table in placed]


def _joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    known = [part for part in parts if len(part)]
    if not known:
        return _EMPTY
    table = with_all_exits(pd.concat(known, ignore_index=True))
    return table.sort_values(_ENTRY, kind="stable", ignore_index=True)


def _read(folder: Path, made: str) -> tuple[tuple[str, ...], _Tables]:
    """The entries and tables that are kept; none where they are not what was written, or old."""
    where = folder / FOLDER
    with contextlib.suppress(InputError):
        index = read_record(where / _INDEX, _Index)
        files = [where / f"{name}.parquet" for name in _TABLES]
        if index.made == made and [file_digest(file) for file in files] == list(index.tables):
            return index.entries, [read_table(file, "") for file in files]
    return (), [_EMPTY] * len(_TABLES)


def _write(folder: Path, made: str, entries: tuple[str, ...], tables: _Tables) -> None:
    # A folder that may not be written to can be read all the same.
    with contextlib.suppress(OSError):
        discard(folder / FOLDER)
        with atomic_folder(folder / FOLDER) as temporary:
            files = [temporary / f"{name}.parquet" for name in _TABLES]
            for file, table in zip(files, tables, strict=True):
                table.to_parquet(file, index=False)
            digests = tuple(map(file_digest, files))
            write_record(temporary / _INDEX, _Index(made=made, entries=entries, tables=digests))


def _finished(folder: Path, tables: _Tables) -> TrialTables:
    if tables[0].empty:
        raise no_points(folder)
    return TrialTables(*(table.drop(columns=_ENTRY) for table in tables))
