"""The workers of a launch: this machine's processes, or a cluster's."""

import functools
from pathlib import Path

from harness.core.errors import InputError
from harness.core.plugin_files import used_plugins
from harness.core.project import Project
from harness.core.records import adapter_of
from harness.core.study_spec import StudySpec
from harness.data.named_splits import find_split
from harness.study.executors import Executor, TrialTask
from harness.study.executors.profile import Profile
from harness.study.slots import Slot
from harness.study.trial_summary import SummaryRecipe


def cluster_slots(profile: Profile) -> tuple[Slot, ...]:
    """A slot for each worker that is known to be there; one where they join as they like."""
    return (Slot(profile.device),) * (profile.known_workers or 1)


def open_cluster(
    project: Project, folder: Path, study: StudySpec, profile: Profile, recipe: SummaryRecipe
) -> Executor:
    """An executor on the workers of a profile, for the trials of a study.

    Parameters
    ----------
    folder
        Where results go.
    recipe
        How the study summarises its trials.

    Raises
    ------
    InputError
        Dask is not installed, its scheduler does not answer or its workers cannot be started.
    """
    try:
        from harness.study.executors.dask import DaskExecutor, Exchange
        from harness.study.executors.dask_cluster import connect
    except ImportError as error:
        raise InputError(
            f"--executor dask: {error.name} is not installed; pip install 'harness[cluster]'"
        ) from None
    from harness.study.remote import RemoteTrial, SharedFolders, receive

    shared = SharedFolders(project, folder) if profile.shares_files else None
    spec = find_split(project.splits, study.split)
    work = RemoteTrial(study.split, spec, Slot(profile.device), shared, used_plugins(), recipe)
    exchange = Exchange(work, _encode, functools.partial(receive, folder))
    return DaskExecutor(connect(profile), exchange, profile.known_workers or study.window)


def _encode(task: TrialTask) -> str:
    return adapter_of(TrialTask).dump_json(task).decode()
