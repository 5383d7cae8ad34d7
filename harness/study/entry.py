"""Launching and syncing a study: everything opened, run and closed in order."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from harness.core.errors import InputError
from harness.core.places import Places
from harness.data.prepare import Manifest, read_manifest
from harness.results import study_record, trials
from harness.results.study_record import StudyRecord
from harness.study.launch import Launch, Progress
from harness.study.logbook import Logbook
from harness.study.opening import open_study
from harness.study.scoring import Scorer
from harness.study.spec import StudySpec
from harness.tracking.runs import DataTag, Store, Tracker


@dataclass(frozen=True)
class Launching:
    """How a study is launched; no result depends on it.

    Attributes
    ----------
    workers
        Processes that train.
    restart
        Whether a stored study of this name that differs is begun anew: its results are used where
        the new study has the same trial, and deleted otherwise once the new one is done.
    """

    workers: int = 1
    restart: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a launch ended: the study's record, and why MLflow lacks some of it (or None)."""

    record: StudyRecord
    logging_fault: str | None


def launch(
    places: Places,
    study: StudySpec,
    manifest: Manifest,
    how: Launching,
    store: Store,
    watch: Callable[[Progress], None],
) -> Outcome:
    """Run a study to its end, or until its time is up or it is interrupted.

    Raises
    ------
    InputError
        There are more workers than the study's window, another launch of it is running, or a
        different study of this name is stored and is not to be restarted.
    """
    if how.workers > study.window:
        raise InputError(
            f"--workers {how.workers}: the study proposes {study.window} configurations ahead; "
            "raise its `window` to at least the workers"
        )
    with _only_one(places.results / study.name):
        record = open_study(places, study, manifest, how.restart)
        scorer = Scorer(study, record.reference, places.results / study.name)
        logbook = Logbook(scorer, lambda: _connect(places, store, study, manifest))
        record = Launch(places, study, record, logbook, watch).run(how.workers)
        logbook.finish(record)
        if how.restart and record.state == "done":
            trials.keep_only(scorer.folder, {k for c in record.configurations for k in c.keys})
    return Outcome(record, logbook.fault)


def sync(places: Places, folder: Path, store: Store) -> tuple[int, str | None]:
    """Log the trials that MLflow lacks; returns how many, and what stopped it (or None)."""
    record = study_record.read(folder)
    study = StudySpec.model_validate(
        {**record.spec, "description": "", "expected_duration": "", "run_cap": record.planned}
    )
    manifest = read_manifest(places.prepared, record.split)
    with _only_one(folder):
        scorer = Scorer(study, record.reference, folder)
        logbook = Logbook(scorer, lambda: _connect(places, store, study, manifest))
        for configuration in record.configurations:
            scorer.add(configuration)
            logbook.log(configuration)
        logbook.finish(record)
    return logbook.logged, logbook.fault


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise InputError(f"{folder}: another launch of this study is running") from None


def _connect(
    places: Places, store: Store, study: StudySpec, manifest: Manifest
) -> tuple[Tracker, str]:
    spec = manifest.spec
    names = "classes" if manifest.task == "classification" else "targets"
    shape = list(manifest.input_shape)
    profile = json.dumps({names: len(manifest.classes), "input_shape": shape})
    data = DataTag(spec.dataset, manifest.digest, manifest.provenance(), profile)
    tags = {"git_commit": _commit(places.root), "data_source": manifest.provenance()}
    tracker = Tracker(store, study.name, data, tags)
    settings = {
        "split": study.split,
        "backbone": study.backbone.name,
        "regimes": ", ".join(study.regimes),
        "method": study.method,
        "seeds": list(study.seeds),
        "run_cap": study.run_cap,
        "policy": study.policy.name,
        "thresholds": study.thresholds.selection,
    }
    return tracker, tracker.start_launch(settings)


def _commit(root: Path) -> str:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
