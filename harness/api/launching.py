"""Studies launched from a program or a notebook."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.api.devices import slots_of
from harness.api.located import opened_project
from harness.api.stores import publish_validation, store_of
from harness.api.study import Study
from harness.core.errors import HarnessError, InputError
from harness.core.project import Project

if TYPE_CHECKING:
    from harness.core.manifest import Manifest
    from harness.core.study_spec import StudySpec
    from harness.study.executors.profile import Profile
    from harness.study.progress import StudyProgress
    from harness.study.run import LaunchOptions, LaunchOutcome
    from harness.tracking.store import Store

Watch = Callable[["StudyProgress"], None]


@dataclass(frozen=True)
class _Launch:
    """A study to be launched, and how."""

    project: Project
    study: "StudySpec"
    options: "LaunchOptions"
    store: "Store"
    mirror: Path | None
    watch: Watch


def launch(
    study: str | Path | Mapping[str, object],
    workers: int | None = None,
    device: str = "auto",
    project: str | Path = ".",
    *,
    per_device: int = 1,
    trials: int | None = None,
    changes: Mapping[str, object] | None = None,
    smoke: bool = False,
    confirm: bool = False,
    restart: bool = False,
    retry_failed: bool = False,
    progress: Watch | None = None,
    mirror: str | Path | None = None,
    tracking_uri: str | None = None,
    storage: str | None = None,
    cluster: str | Path | Mapping[str, object] | None = None,
    plugins: Sequence[str | Path] = (),
) -> Study:
    """Run a study: search and train its regimes' configurations; resumes where it stopped.

    What `harness launch` does. A signal to stop (Ctrl-C, a notebook's stop button)
    ends it in order and raises KeyboardInterrupt: the same call goes on from there.

    Parameters
    ----------
    study
        A study file, or what one holds as a mapping.
    workers
        Processes that train; None for one on the CPU, and `per_device` on each accelerator.
    device
        auto (what the study was begun on, else accelerators, else the CPU), cpu, cuda, cuda:0,1 or
        mps.
    project
        The folder of params.yaml, data and results; a study file is found from where Python runs.
    per_device
        Most workers at once on each accelerator.
    trials
        Networks in all, in place of the study's run_cap.
    changes
        Fields of the study to change, by their dotted names: `{"training.epochs": 30}`.
    smoke
        Whether to run two tiny configurations per regime, to test the set-up.
    confirm
        Whether what is found is trained on fresh seeds afterwards, as `harness confirm` does.
    restart, retry_failed
        As in `harness.study.run.LaunchOptions`.
    progress
        Called with the newest state of the launch; None shows nothing.
    mirror
        Folder that holds the raw files already, in place of a download.
    tracking_uri
        MLflow's; None for SQLite below the project's results.
    storage
        Address of a PostgreSQL database for what Optuna knows; None for a journal.
    cluster
        A profile of Dask workers that train in place of this machine's processes (its file, or what
        one holds: `{"cluster": {"kind": "local", "workers": 4}}`; docs/clusters.md). It says how
        many they are, and on which devices, in place of the parameters for that.
    plugins
        Further folders of plug-ins, beside the project's `plugins/`. A file that was edited is read
        anew by each call.

    Returns
    -------
    The study, failed configurations included (`Study.record.failed()`).

    Raises
    ------
    InputError
        The study or the data cannot be used, or another study of this name is stored.
    HarnessError
        Some trials could not be trained through no fault of their own: the next call takes them up.
    KeyboardInterrupt
        A signal stopped it.

    Examples
    --------
    ::

        study = harness.launch("studies/quickstart.yaml", workers=2, confirm=True)
        study = harness.launch({"name": "mine", "split": "digits", ...}, workers=2)
    """
    from harness.study.run import LaunchOptions
    from harness.study.storages.address import parse_address
    from harness.study.workplace import cluster_slots

    if storage:
        parse_address(storage)  # refused before anything is done
    where = opened_project(project, plugins)
    spec = _study_of(where, study, trials, changes or {}, smoke)
    if cluster is None:
        profile, slots = None, slots_of(workers, device, per_device, where.results / spec.name)
    elif (workers, device, per_device) == (None, "auto", 1):
        profile = _profile_of(cluster)
        slots = cluster_slots(profile)
    else:
        raise InputError("workers, device, per_device: with a cluster, its profile says them")
    options = LaunchOptions(slots, restart, retry_failed, storage=storage, cluster=profile)
    begun = _Launch(
        where,
        spec,
        options,
        store_of(where, tracking_uri),
        None if mirror is None else Path(mirror),
        progress or (lambda _: None),
    )
    return _run(begun, confirm)


def _run(launch: _Launch, confirm: bool) -> Study:
    from harness.study.run import run_study

    project, spec = launch.project, launch.study
    manifest = _prepared(launch)
    outcome = run_study(project, spec, manifest, launch.options, launch.store, launch.watch)
    found = Study(project.results / spec.name, project)
    if outcome.signal is None and outcome.logging_fault is None and outcome.record.succeeded():
        with contextlib.suppress(Exception):  # that MLflow cannot show it hinders nothing
            publish_validation(found.folder, launch.store)
    _check(outcome)
    if confirm:
        _confirm(found, launch)
    return found


def _study_of(
    project: Project,
    study: str | Path | Mapping[str, object],
    trials: int | None,
    changes: Mapping[str, object],
    smoke: bool,
) -> "StudySpec":
    """The study that is asked for, checked with all that it may draw."""
    from harness.core.yaml_file import write_yaml
    from harness.data.load import task_of_split
    from harness.study.checks import check
    from harness.study.plan import smoke as make_smoke
    from harness.study.study_file import read_study, study_of

    given = {**changes, **({} if trials is None else {"run_cap": trials})}
    overrides = [f"{name}={write_yaml(value, flow=True)}" for name, value in given.items()]
    if isinstance(study, str | Path):
        where = str(study)
        found = read_study(Path(study), overrides)
    else:
        where = "study"
        found = study_of(study, where, overrides)
    check(found, where, task_of_split(project.splits, found.split))
    return make_smoke(found) if smoke else found


def _profile_of(cluster: str | Path | Mapping[str, object]) -> "Profile":
    from harness.study.executors.profile import make_profile, read_profile

    if isinstance(cluster, Mapping):
        return make_profile(cluster, "cluster")
    return make_profile(read_profile(Path(cluster)), str(cluster))


def _prepared(launch: _Launch) -> "Manifest":
    from harness.data.load import ensure

    return ensure(launch.project, launch.study.split, launch.mirror, _not_shown)


def _confirm(found: Study, launch: _Launch) -> None:
    """Train what a search found best on fresh seeds."""
    from harness.results.study_record import read_finished
    from harness.study.candidates import candidates
    from harness.study.confirmation import ConfirmationPlan, fresh_splits
    from harness.study.run import confirm_study
    from harness.study.scoring import Scorer

    search = read_finished(found.folder)
    chosen = candidates(search, Scorer(search, found.folder))
    fresh = fresh_splits(launch.project, search, launch.mirror, _not_shown, lambda _: None)
    plan = ConfirmationPlan(search, chosen, fresh)
    _check(confirm_study(launch.project, plan, launch.options, launch.store, launch.watch))


def _check(outcome: "LaunchOutcome") -> None:
    """Raise what ended a launch before its end."""
    if outcome.signal is not None:
        raise KeyboardInterrupt("the launch was stopped; the same call goes on with it")
    if outcome.errors:
        raise HarnessError(
            "not trained, through no fault of their own, though tried again; mend the cause and "
            "launch again: these trials are taken up, no other is trained again: "
            + "; ".join(outcome.errors)
        )


def _not_shown(name: str, have: int, total: int) -> None:
    """Progress of a download that is not shown."""
    del name, have, total
