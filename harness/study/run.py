"""Running a study from start to end, and logging to MLflow the trials that it lacks."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from harness.core.errors import InputError
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.study_spec import StudySpec
from harness.results import study_record, trials
from harness.results.launches import origin_of
from harness.results.study_record import StudyRecord
from harness.study.launcher import Launcher, StudyProgress
from harness.study.mlflow_log import MlflowLog
from harness.study.resume import resume_study
from harness.study.scoring import Scorer
from harness.tracking.runs import DataTag, LaunchLog, Tracker
from harness.tracking.store import Store


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
    """How a launch ended.

    Attributes
    ----------
    record
        The study's record.
    logging_fault
        What MLflow lacks of it and why, or None.
    logging_notice
        What else there is to know of its MLflow log, or None.
    """

    record: StudyRecord
    logging_fault: str | None
    logging_notice: str | None = None


@dataclass(frozen=True)
class SyncOutcome:
    """How many trials were logged to MLflow, what it still lacks and why, and what else to know."""

    logged: int
    fault: str | None
    notice: str | None


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
    """
    if options.workers > study.window:
        raise InputError(
            f"--workers {options.workers}: the study proposes {study.window} configurations ahead; "
            "raise its `window` to at least the workers"
        )
    folder = project.results / study.name
    with _only_launch(folder):
        record = resume_study(project, study, manifest, options.restart)
        scorer = Scorer(record, folder)
        tags = {"git_commit": _commit(project.root)}
        mlflow_log = MlflowLog(scorer, lambda: _connect(store, folder, record, tags))
        done = Launcher(project, record, mlflow_log, watch).run(options.workers)
        mlflow_log.finish(done)
        if options.restart and done.state == "done":
            trials.keep_only(folder, {key for c in done.configurations for key in c.keys})
    return LaunchOutcome(done, mlflow_log.fault, mlflow_log.notice)


def sync_study(folder: Path, store: Store) -> SyncOutcome:
    """Log the trials of a study that MLflow lacks, below its newest launch there."""
    record = study_record.read_study_record(folder)
    with _only_launch(folder):
        scorer = Scorer(record, folder)
        # No commit: today's need not be the one that the trials were trained at.
        mlflow_log = MlflowLog(scorer, lambda: _connect(store, folder, record, {}), goes_on=True)
        for configuration in record.configurations:
            scorer.add(configuration)
            mlflow_log.log(configuration)
        # The folder is ours: a launch that the record calls running was killed.
        killed = {"state": "interrupted"} if record.state == "running" else {}
        mlflow_log.finish(record.model_copy(update=killed))
    return SyncOutcome(mlflow_log.logged, mlflow_log.fault, mlflow_log.notice)


@contextmanager
def _only_launch(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise InputError(f"{folder}: another launch of this study is running") from None


def _connect(store: Store, folder: Path, record: StudyRecord, tags: Mapping[str, str]) -> Tracker:
    study, manifest = record.spec, record.manifest
    names = "classes" if manifest.task == "classification" else "targets"
    shape = list(manifest.input_shape)
    profile = json.dumps({names: len(manifest.classes), "input_shape": shape})
    data = DataTag(manifest.spec.dataset, manifest.digest, manifest.provenance, profile)
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
    launch = LaunchLog(data, settings, {"data_source": manifest.provenance, **tags})
    return Tracker(store, origin_of(folder, record), launch)


def _commit(root: Path) -> str:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
