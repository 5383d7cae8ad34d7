"""Running a study from start to end, and logging to MLflow the trials that it lacks."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from harness.core.errors import InputError
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.study_spec import StudySpec
from harness.data.load import load
from harness.results import study_record, trials
from harness.results.study_record import StudyRecord
from harness.study.launcher import Launcher, StudyProgress
from harness.study.mlflow_log import MlflowLog
from harness.study.resume import resume_study
from harness.study.scoring import Scorer
from harness.tracking.runs import DataTag, Store, Tracker


@dataclass(frozen=True)
class LaunchOptions:
    """How a study is launched; no result depends on it.

    Attributes
    ----------
    workers
        Processes that train.
    restart
        Whether to start over where a different study of this name is stored: its results are used
        where the new study has the same trial, and deleted otherwise once the new one is done.
    """

    workers: int = 1
    restart: bool = False


@dataclass(frozen=True)
class LaunchOutcome:
    """How a launch ended: the study's record, and why MLflow lacks some of it (or None)."""

    record: StudyRecord
    logging_fault: str | None


def run_study(
    project: Project,
    study: StudySpec,
    manifest: Manifest,
    options: LaunchOptions,
    store: Store,
    watch: Callable[[StudyProgress], None],
) -> LaunchOutcome:
    """Run a study to its end, or until its time is up or it is interrupted.

    Raises
    ------
    InputError
        There are more workers than the study's window, another launch of it is running, or a
        different study of this name is stored and is not to be restarted.
    DataError
        The split's data cannot be loaded.
    """
    if options.workers > study.window:
        raise InputError(
            f"--workers {options.workers}: the study proposes {study.window} configurations ahead; "
            "raise its `window` to at least the workers"
        )
    load(project, study.split)  # or else each trial would fail by itself
    folder = project.results / study.name
    with _only_launch(folder):
        record = resume_study(project, study, manifest, options.restart)
        scorer = Scorer(record, folder)
        mlflow_log = MlflowLog(scorer, lambda: _connect(project, store, record))
        done = Launcher(project, record, mlflow_log, watch).run(options.workers)
        mlflow_log.finish(done)
        if done.restarted and done.state == "done":
            trials.keep_only(folder, {key for c in done.configurations for key in c.keys})
    return LaunchOutcome(done, mlflow_log.fault)


def sync_study(project: Project, folder: Path, store: Store) -> tuple[int, str | None]:
    """Log the trials that MLflow lacks; returns how many, and what stopped it (or None)."""
    record = study_record.read_study_record(folder)
    with _only_launch(folder):
        scorer = Scorer(record, folder)
        mlflow_log = MlflowLog(scorer, lambda: _connect(project, store, record))
        for configuration in record.configurations:
            scorer.add(configuration)
            mlflow_log.log(configuration)
        mlflow_log.finish(record)
    return mlflow_log.logged, mlflow_log.fault


@contextmanager
def _only_launch(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / study_record.LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise InputError(f"{folder}: another launch of this study is running") from None
    try:
        yield
    finally:
        lock.release()


def _connect(project: Project, store: Store, record: StudyRecord) -> tuple[Tracker, str]:
    study, manifest = record.spec, record.manifest
    names = "classes" if manifest.task == "classification" else "targets"
    shape = list(manifest.input_shape)
    profile = json.dumps({names: len(manifest.classes), "input_shape": shape})
    data = DataTag(manifest.spec.dataset, manifest.digest, manifest.provenance, profile)
    tags = {"git_commit": _commit(project.root), "data_source": manifest.provenance}
    tracker = Tracker(store, study.name, data, tags)
    settings = {
        "split": study.split,
        "backbone": study.backbone.name,
        "regimes": ", ".join(study.regimes),
        "baseline": study.baseline,
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
