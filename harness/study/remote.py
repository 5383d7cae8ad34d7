"""One task in a worker of a cluster: it brings its own data, and sends the result back."""

import contextlib
import functools
import os
import shutil
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from harness.core.errors import DataError, InputError
from harness.core.files import atomic_folder, content_key, remove_leftovers, write_text
from harness.core.manifest import Manifest, SplitSpec
from harness.core.plugin_files import PluginFolder, use_plugins
from harness.core.project import Project
from harness.core.records import adapter_of, read_record
from harness.core.trial_spec import TrialSpec
from harness.core.urls import without_secrets
from harness.core.yaml_file import write_yaml
from harness.data.load import ensure
from harness.results import failures, trials
from harness.results.failures import FailureFacts, failure_folder
from harness.results.trials import trial_folder
from harness.study.executors import Outcomes, TrialOutcome, TrialTask, errors
from harness.study.executors.dask import Replies, Reply
from harness.study.executors.parcel import pack, unpack
from harness.study.slots import Slot
from harness.study.stack_worker import run_task
from harness.study.trial_summary import SummaryRecipe

HOME = "HARNESS_WORKER_HOME"
"""Environment variable that names a worker's folder for data, kept from one trial to the next."""

_one_at_a_time = threading.Lock()
"""A trial seeds the generators of its whole process, which may have several threads."""


@dataclass(frozen=True)
class SharedFolders:
    """Folders that launcher and workers see under the same path: the project's and the study's."""

    project: Project
    study: Path


@dataclass(frozen=True)
class RemoteTrial:
    """What a worker needs beside the spec (`harness.study.executors.dask.RemoteWork`); picklable.

    Attributes
    ----------
    split, split_spec
        The study's split as the launcher's `params.yaml` has it.
    shared
        None where the worker shares no file system.
    plugins
        The user's plug-ins that the launcher knows: the worker runs these files.
    recipe
        How the study summarises its trials; None for no summary.
    """

    split: str
    split_spec: SplitSpec
    slot: Slot
    shared: SharedFolders | None
    plugins: tuple[PluginFolder, ...] = ()
    recipe: SummaryRecipe | None = None

    def __call__(self, task: str) -> Replies:
        """Train the networks of a task, `TrialSpec`s in JSON."""
        wanted = adapter_of(TrialTask).validate_json(task)
        with _one_at_a_time:
            try:
                return self._run(wanted)
            except InputError as error:
                reason = without_secrets(f"{socket.gethostname()}: {error}")
                return tuple(Reply(each, refused=reason) for each in errors(wanted, reason))

    def _run(self, task: TrialTask) -> Replies:
        use_plugins(self.plugins)  # before the data are prepared, by one of them perhaps
        if self.shared is not None:
            place = (self.shared.project, self.shared.study)
            ended = run_task(task, *place, self.slot, self.plugins, self.recipe)
            return tuple(map(Reply, ended))
        home = worker_home()
        project = _project(home, self.split, self.split_spec)
        _prepared(project, home, task[0].split, task[0].digest)
        running = home / "running"
        running.mkdir(exist_ok=True)
        remove_leftovers(running)  # of workers that were killed
        scratch = Path(tempfile.mkdtemp(prefix=f".{task[0].key}.{os.getpid()}-", dir=running))
        try:
            outcomes = run_task(task, project, scratch, self.slot, self.plugins, self.recipe)
            return tuple(Reply(each, _packed(scratch, each)) for each in outcomes)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _packed(scratch: Path, outcome: TrialOutcome) -> bytes | None:
    if outcome.status == "error":
        return None
    return pack(_place(scratch, outcome))


def _place(study_folder: Path, outcome: TrialOutcome) -> Path:
    """Folder of what a trial left: its result, or its failure."""
    of = trial_folder if outcome.status == "trained" else failure_folder
    return of(study_folder, outcome.key)


def receive(study_folder: Path, task: TrialTask, replies: Replies) -> Outcomes:
    """Take a worker's replies into the study's folder; how each trial of a task ended.

    Raises
    ------
    DataError
        As many replies as trials did not come, or one cannot be taken.
    """
    if len(replies) != len(task):
        raise DataError(f"{len(replies)} results came back, {len(task)} were asked for")
    pairs = zip(task, replies, strict=True)
    return tuple(_receive_one(study_folder, spec, reply) for spec, reply in pairs)


def _receive_one(study_folder: Path, spec: TrialSpec, reply: Reply) -> TrialOutcome:
    """Take a worker's reply into the study's folder, whole or not at all; how the trial ended.

    Raises
    ------
    DataError
        The parcel is damaged or of another trial, or there is none and the result is not seen here.
    """
    outcome = reply.outcome
    if outcome.key != spec.key:
        raise DataError(f"trial {outcome.key} came back, {spec.key} was asked for")
    if outcome.status == "error":
        return outcome
    place = _place(study_folder, outcome)
    if reply.parcel is None:
        if not place.is_dir():
            raise DataError(f"{place}: written by a worker, not seen here; is the folder shared?")
        return outcome
    with atomic_folder(place) as temporary:
        if outcome.status == "trained":
            unpack(reply.parcel, temporary, trials.FILES)
            found = read_record(temporary / trials.FACTS, trials.TrialFacts).spec
        else:
            unpack(reply.parcel, temporary, failures.FILES)
            found = read_record(temporary / "failure.json", FailureFacts).spec
        if found != spec:
            raise DataError(f"a parcel of trial {found.key} came back, {spec.key} was asked for")
    return outcome


def worker_home() -> Path:
    """Folder of this worker for data: as the environment names it, or beside Dask's own."""
    named = os.environ.get(HOME)
    if named:
        home = Path(named)
    else:
        from distributed import get_worker

        home = Path(get_worker().local_directory).parent / "harness"
    home.mkdir(parents=True, exist_ok=True)
    return home.resolve()


def _project(home: Path, name: str, spec: SplitSpec) -> Project:
    """A project that has this one split; raw files lie beside it, for all splits of the worker."""
    text = write_yaml({"splits": {name: spec.model_dump(mode="json")}})
    project, raw = Project(home / f"split-{content_key(text)}"), home / "raw"
    raw.mkdir(exist_ok=True)
    if not project.splits.is_file():
        write_text(project.splits, text)
    project.raw.parent.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        project.raw.symlink_to(raw)
    return project


@functools.lru_cache(maxsize=64)
def _prepared(project: Project, home: Path, name: str, digest: str) -> Manifest:
    """Fetch and prepare a split, once for all trials of this process.

    Raises
    ------
    InputError
        It cannot be had, or is another one than the launcher's.
    """
    mirror = os.environ.get("HARNESS_DATA_MIRROR")
    with FileLock(home / "data.lock"):  # several workers of one machine share the folder
        manifest = ensure(project, name, Path(mirror) if mirror else None, lambda *_: None)
    if manifest.digest != digest:
        raise InputError(
            f"split {name}: digest {manifest.digest} prepared here, {digest} by the launcher: its "
            "raw files, or the code of its data set, are others"
        )
    return manifest
