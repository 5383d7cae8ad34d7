"""Options that say on which cluster a launch trains, and the profile that they make."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import printing
from harness.core.errors import InputError
from harness.core.urls import without_secrets

if TYPE_CHECKING:
    from harness.study.executors.profile import Profile

_PANEL = "Workers of a cluster"
"""Heading of these options in the help: apart from the others, whose columns then stay wide."""

Executor = Annotated[
    str | None,
    typer.Option(
        help="Whose workers train: loky (this machine's processes, the default) or dask (a "
        "cluster's; the default with any of the options below). See docs/clusters.md.",
        metavar="loky|dask",
        rich_help_panel=_PANEL,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="Address of a Dask scheduler that runs already; workers may join and leave.",
        metavar="tcp://HOST:PORT",
        rich_help_panel=_PANEL,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        help="Start Dask workers for this launch: on this machine, on hosts by SSH, or as jobs.",
        metavar="local:N|ssh:HOSTFILE|slurm:PROFILE.yaml",
        rich_help_panel=_PANEL,
    ),
]
ProfileFile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        help="File with all of this, such as deploy/slurm.yaml.",
        rich_help_panel=_PANEL,
    ),
]
Shared = Annotated[
    bool | None,
    typer.Option(
        "--shared/--not-shared",
        help="Whether workers see this folder under the same path and write results in place. By "
        "default workers on this machine do, and no others.",
        rich_help_panel=_PANEL,
    ),
]


@dataclass(frozen=True)
class ClusterOptions:
    """The options above, as given."""

    executor: str | None = None
    scheduler: str | None = None
    cluster: str | None = None
    profile: Path | None = None
    shared: bool | None = None


def profile_of(asked: ClusterOptions, workers: int | None, device: str) -> "Profile | None":
    """The profile that the options ask for; None where they ask for none.

    Parameters
    ----------
    workers, device
        Options of their own; `auto` leaves the device to the profile.

    Raises
    ------
    InputError
        An option or a field of the profile's file is not allowed, or they contradict each other.
    """
    from harness.study.executors.profile import make_profile

    if not _asks_for_dask(asked):
        return None
    plain = _composed(asked)
    if asked.shared is not None:
        plain["shared"] = asked.shared
    if device != "auto":
        plain["device"] = device
    if workers is not None:
        _set_workers(plain, workers)
    return make_profile(plain, str(asked.profile or asked.cluster or asked.scheduler or "options"))


def _asks_for_dask(asked: ClusterOptions) -> bool:
    named = [asked.scheduler, asked.cluster, asked.profile, asked.shared]
    if asked.executor not in {None, "loky", "dask"}:
        raise InputError(f"--executor {asked.executor}: allowed are loky and dask")
    if asked.executor == "loky" and any(each is not None for each in named):
        raise InputError("--executor loky: --scheduler, --cluster, --profile and --shared are dask")
    return asked.executor == "dask" or any(each is not None for each in named)


def _composed(asked: ClusterOptions) -> dict[str, object]:
    """The profile's file, with the workers that an option names in place of its own."""
    from harness.study.executors.profile import parse_cluster, read_profile

    if asked.scheduler and asked.cluster:
        raise InputError("--scheduler and --cluster: give one of them")
    plain = {} if asked.profile is None else read_profile(asked.profile)
    if asked.scheduler:
        plain = {**_without(plain, "cluster"), "scheduler": asked.scheduler}
    if asked.cluster:
        plain = {**_without(plain, "scheduler"), **parse_cluster(asked.cluster)}
    if not {"scheduler", "cluster"} & plain.keys():
        plain["cluster"] = {"kind": "local", "workers": 1}
    return plain


def say_where(profile: "Profile") -> None:
    """Say which workers train, and what of it may surprise."""
    many = "any" if profile.known_workers is None else f"{profile.known_workers}"
    at = (
        profile.scheduler
        or f"a cluster of this launch ({profile.cluster and profile.cluster.kind})"
    )
    files = "this folder is shared" if profile.shares_files else "each brings its own data"
    notes = [f"workers: {many} of Dask on {without_secrets(at)}, {profile.device}; {files}"]
    if profile.is_open:
        notes.append(
            "Dask's traffic is not encrypted, and who reaches the scheduler's port can run code: "
            "see `tls` in docs/clusters.md"
        )
    printing.print_notes(notes)


def _without(plain: dict[str, object], field: str) -> dict[str, object]:
    return {name: value for name, value in plain.items() if name != field}


def _set_workers(plain: dict[str, object], workers: int) -> None:
    started = plain.get("cluster")
    if isinstance(started, dict):
        plain["cluster"] = {**started, "workers": workers}
    else:
        plain["workers"] = workers
