"""Connections to Dask: a scheduler that runs already, or workers started for one launch."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from distributed import Client, LocalCluster, Security, SpecCluster, SSHCluster

from harness.core.errors import InputError
from harness.core.files import reason_of
from harness.core.urls import without_secrets
from harness.study.executors.profile import (
    LocalWorkers,
    Profile,
    SlurmWorkers,
    SshWorkers,
)

_RESTART_SECONDS = 20.0
_LEAVE_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""What a worker of this machine runs first: a terminal's Ctrl-C goes to all processes, and the
launcher stops them."""
_NO_PAGE = ":0"
"""Address of Dask's own status page: any free port, for it cannot be switched off everywhere."""


@dataclass(frozen=True)
class Connection:
    """A scheduler that answers.

    Attributes
    ----------
    address
        Of the scheduler.
    own
        The workers started for this launch, which end with it; None where others started them.
    """

    client: Client
    address: str
    profile: Profile
    own: SpecCluster | None

    @property
    def status(self) -> str:
        """Of the client: `running`, `connecting` while it tries again, `closed` once it gave up."""
        return str(self.client.status)

    def workers(self) -> Mapping[str, str]:
        """Address to name of the workers that offer what the profile asks for.

        Raises
        ------
        Exception
            The scheduler does not answer.
        """
        scheduler = self.client.scheduler
        if scheduler is None:
            raise InputError("the connection is closed")
        found = self.client.sync(
            scheduler.identity, n_workers=-1, callback_timeout=self.profile.patience
        )
        return {
            address: _name(address, worker["name"])
            for address, worker in found["workers"].items()
            if all(
                worker["resources"].get(name, 0) >= amount
                for name, amount in self.profile.resources.items()
            )
        }

    def close(self, busy: list[str]) -> None:
        """Leave the scheduler; `busy` workers, by address, are stopped in their trial.

        A worker without a nanny cannot be: it ends its trial, whose result nobody takes.
        """
        if self.own is None and busy:
            with contextlib.suppress(Exception):
                self.client.restart_workers(busy, timeout=_RESTART_SECONDS, raise_for_error=False)
        with contextlib.suppress(Exception):
            self.client.close(timeout=_RESTART_SECONDS)
        if self.own is not None:
            with contextlib.suppress(Exception):
                self.own.close(timeout=_RESTART_SECONDS)


def connect(profile: Profile) -> Connection:
    """Connect to a profile's scheduler, or start its workers.

    Raises
    ------
    InputError
        The scheduler does not answer, or the workers cannot be started.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the launch says it in its words
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    own: SpecCluster | None = None
    try:
        own = None if profile.cluster is None else start(profile)
        where = profile.scheduler if own is None else own
        client = Client(where, timeout=profile.patience, security=security_of(profile))
    except Exception as error:
        if own is not None:
            own.close()
        fault = f"{profile.scheduler}: no Dask scheduler answers"
        if profile.cluster is not None:
            fault = f"cluster {profile.cluster.kind}: its workers cannot be started"
        raise InputError(without_secrets(f"{fault} ({reason_of(error)})")) from None
    address = profile.scheduler or client.scheduler_info()["address"]
    return Connection(client, without_secrets(address), profile, own)


def security_of(profile: Profile) -> Security | None:
    """TLS for all traffic, where the profile has it."""
    if profile.tls is None:
        return None
    files = {
        f"tls_{role}_{part}": path
        for role in ("client", "scheduler", "worker")
        for part, path in (("cert", profile.tls.cert), ("key", profile.tls.key))
    }
    return Security(require_encryption=True, tls_ca_file=profile.tls.ca, **files)


def start(profile: Profile) -> SpecCluster:
    """Start a scheduler and the workers of a profile that has a `cluster`."""
    if isinstance(profile.cluster, SshWorkers):
        ssh: Callable[..., SpecCluster] = SSHCluster
        return ssh(**ssh_arguments(profile, profile.cluster))
    if isinstance(profile.cluster, SlurmWorkers):
        return _start_slurm(profile, profile.cluster)
    assert isinstance(profile.cluster, LocalWorkers)  # noqa: S101 (the only kind left)
    return LocalCluster(
        n_workers=profile.cluster.workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        protocol="tls://" if profile.tls else "tcp://",
        dashboard_address=None,
        memory_limit=0,
        preload=[_LEAVE_INTERRUPTS],
        silence_logs=logging.CRITICAL,
        resources=dict(profile.resources),
        security=security_of(profile),
    )


def ssh_arguments(profile: Profile, workers: SshWorkers) -> dict[str, object]:
    """Arguments of `distributed.SSHCluster`."""
    # Or else Dask asks the host which address leads to the internet, which need not be any.
    listens = {"interface": workers.interface} if workers.interface else {"host": workers.hosts[0]}
    return {
        "hosts": list(workers.hosts),
        "remote_python": workers.python,
        "scheduler_options": {"port": 0, "dashboard_address": _NO_PAGE, **listens},
        "worker_options": {
            "nthreads": 1,
            "n_workers": workers.workers,
            "memory_limit": 0,
            "resources": dict(profile.resources),
        },
        "security": security_of(profile),
    }


def _start_slurm(profile: Profile, workers: SlurmWorkers) -> SpecCluster:
    from dask_jobqueue.slurm import SLURMCluster

    slurm: Callable[..., SpecCluster] = SLURMCluster
    return slurm(**slurm_arguments(profile, workers), n_workers=workers.workers)


def slurm_arguments(profile: Profile, workers: SlurmWorkers) -> dict[str, object]:
    """Arguments of `dask_jobqueue.SLURMCluster`; what the profile says of them goes before.

    A worker trains one trial at a time on one thread, so that a job has as many cores as processes.
    """
    given = {k: list(v) if isinstance(v, tuple) else v for k, v in workers.slurm.items()}
    processes = given.get("processes", 1)
    offered = ",".join(f"{name}={amount:g}" for name, amount in profile.resources.items())
    more = given.pop("worker_extra_args", [])
    extra = [*(more if isinstance(more, list) else [more])]
    return {
        "cores": processes,
        "memory": "4GB",
        "protocol": "tls://" if profile.tls else "tcp://",
        "security": security_of(profile),
        "scheduler_options": {"dashboard_address": _NO_PAGE},
        **given,
        "worker_extra_args": [*extra, *(["--resources", offered] if offered else [])],
    }


def _name(address: str, name: object) -> str:
    """A worker's name and its address, where they differ."""
    return address if str(name) == address else f"{name} at {address}"
