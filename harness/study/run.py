"""Running a study from start to end."""

import contextlib
import functools
import gc
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from harness.core.errors import HarnessError
from harness.core.files import remove_leftovers
from harness.core.manifest import Manifest
from harness.core.plugin_files import used_plugins
from harness.core.project import Project
from harness.core.study_spec import StudySpec
from harness.core.waiting import waiting
from harness.data.load import load
from harness.results import study_record, trials
from harness.results.confirmation import confirmation_folder
from harness.results.extent import trained_keys
from harness.results.launch_lock import only_launch
from harness.results.study_record import StudyRecord
from harness.study.checks import check_workers
from harness.study.confirmation import Confirmation, ConfirmationPlan, open_confirmation
from harness.study.executors import Executor
from harness.study.executors.loky import Loky
from harness.study.executors.profile import Profile
from harness.study.interrupt import stop_signals
from harness.study.launcher import Launcher
from harness.study.mlflow_log import MlflowLog
from harness.study.pool import Pool
from harness.study.progress import StudyProgress
from harness.study.proposals import Proposals
from harness.study.resume import check_unchanged, new_record, resume_study
from harness.study.scoring import Scorer
from harness.study.search import Search
from harness.study.slots import CPU, Slot
from harness.study.stack_worker import run_task
from harness.study.storages import StudyStorage
from harness.study.storages.held import held_storage
from harness.study.sync import tracker_of
from harness.study.trial_logger import TrialLogger
from harness.study.trial_summary import SummaryRecipe
from harness.study.workplace import open_cluster
from harness.tracking.store import Store

_Opened: TypeAlias = tuple[StudyRecord, Scorer, Proposals]
"""What a launch goes on with."""


@dataclass(frozen=True)
class LaunchOptions:
    """How a study is launched; of all of it only the kind of device is part of a result.

    Attributes
    ----------
    slots
        Where to train, one for each worker process.
    restart
        Whether to start over where a different study of this name is stored: its results are used
        where the new study has the same trial, and deleted otherwise once the new one is done.
    retry_failed
        Whether trials that failed are trained again (docs/methods.md, "Failures").
    on_stop
        Called at once when a signal asks the launch to stop, in the signal's handler.
    storage
        Address of the PostgreSQL database that keeps what Optuna knows of a search; None for a
        journal in the study's folder.
    cluster
        Whose workers train in place of this machine's processes; `slots` are theirs then.
    """

    slots: tuple[Slot, ...] = (CPU,)
    restart: bool = False
    retry_failed: bool = False
    on_stop: Callable[[], None] = lambda: None
    storage: str | None = None
    cluster: Profile | None = None


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
    errors
        The trials that ended in an error that is not their own, in words.
    signal
        Number of the signal that stopped the launch, or None.
    """

    record: StudyRecord
    logging_fault: str | None
    logging_notice: str | None = None
    errors: tuple[str, ...] = ()
    signal: int | None = None


def run_study(
    project: Project,
    study: StudySpec,
    manifest: Manifest,
    options: LaunchOptions,
    store: Store,
    watch: Callable[[StudyProgress], None],
) -> LaunchOutcome:
    """Run a study to its end, or until its time is up or a signal stops it.

    Raises
    ------
    InputError
        There are more workers than the study's window, another launch of it is running, or a
        different study of this name is stored and is not to be restarted.
    HarnessError
        The split's data cannot be loaded, the study's folder cannot be written, or its database
        is out of reach.
    """
    check_workers(study, len(options.slots))
    with waiting(f"loading split {study.split}"):
        load(project, study.split)  # or else each trial would fail by itself
    folder = project.results / study.name

    def opened(storage: StudyStorage) -> _Opened:
        record = resume_study(
            folder,
            new_record(study, manifest, options.slots[0].kind),
            storage,
            restart=options.restart,
            retry_failed=options.retry_failed,
        )
        scorer = Scorer(record, folder)
        return record, scorer, Search(folder, record, storage, scorer)

    return _launch(project, folder, opened, options, store, watch)


def confirm_study(
    project: Project,
    plan: ConfirmationPlan,
    options: LaunchOptions,
    store: Store,
    watch: Callable[[StudyProgress], None],
) -> LaunchOutcome:
    """Train the candidates of a search on fresh seeds, or go on with that.

    Raises
    ------
    InputError
        There are more workers than the study's window, the confirmation is running already, or
        code that results depend on changed since the search.
    HarnessError
        The confirmation's folder cannot be written.
    """
    search = plan.search
    check_workers(search.spec, len(options.slots))
    check_unchanged(search)
    folder = confirmation_folder(project.results / search.name)

    def opened(_: StudyStorage) -> _Opened:
        record = open_confirmation(
            project, folder, plan, options.slots[0].kind, retry_failed=options.retry_failed
        )
        return record, Scorer(record, folder), Confirmation(folder, record, plan.chosen)

    return _launch(project, folder, opened, options, store, watch)


def _launch(
    project: Project,
    folder: Path,
    opened: Callable[[StudyStorage], _Opened],
    options: LaunchOptions,
    store: Store,
    watch: Callable[[StudyProgress], None],
) -> LaunchOutcome:
    """Train what is left of the proposals that `opened` gives, once the folder is ours."""
    try:
        with (
            only_launch(folder),
            stop_signals(options.on_stop) as check_stop,
            held_storage(options.storage, folder, check_stop) as storage,
        ):
            remove_leftovers(folder)
            record, scorer, proposals = opened(storage)
            tags = {"git_commit": _commit(project.root)}
            logger = TrialLogger(scorer, lambda: tracker_of(store, folder, record, tags))
            with _libraries_at_rest(), contextlib.closing(MlflowLog(logger)) as mlflow_log:
                launcher = Launcher(record, proposals, scorer, mlflow_log, watch)
                pool = Pool(_executor(project, folder, options, record))
                done = _drop_superseded(folder, launcher.run(pool, check_stop))
                mlflow_log.finish(done, check_stop)
    except OSError as error:  # the disk is full, or the folder read-only
        raise HarnessError(
            f"{folder}: {error}; every trial that finished is kept: mend the cause and run the "
            "command again"
        ) from error
    return LaunchOutcome(done, logger.fault, logger.notice, launcher.errors, launcher.signal)


@contextlib.contextmanager
def _libraries_at_rest() -> Iterator[None]:
    """Keep Python from searching for garbage, again and again, in what torch and MLflow made."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _executor(
    project: Project, folder: Path, options: LaunchOptions, record: StudyRecord
) -> Executor:
    # Workers are reused from one launch to the next and may have begun in another folder.
    here, recipe = Project(project.root.resolve()), SummaryRecipe.of(record)
    if options.cluster is not None:
        return open_cluster(here, folder.resolve(), record.spec, options.cluster, recipe)
    work = functools.partial(
        run_task,
        project=here,
        study_folder=folder.resolve(),
        plugins=used_plugins(),
        recipe=recipe,
    )
    return Loky(options.slots, work)


def _drop_superseded(folder: Path, record: StudyRecord) -> StudyRecord:
    """Once a study that began anew is done, delete the trials that are no longer part of it."""
    if not record.superseded or record.state != "done":
        return record
    trials.keep_only(folder, {key for c in record.configurations for key in trained_keys(c)})
    done = record.model_copy(update={"superseded": False})
    study_record.write_study_record(folder, done)
    return done


def _commit(root: Path) -> str:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
