"""Profiles: where a study trains, kept beside the study files, which never say it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.records import Record
from harness.core.trial_spec import Device
from harness.core.yaml_file import read_yaml


class _Part(Record):
    model_config = pydantic.ConfigDict(strict=True)


Count: TypeAlias = Annotated[int, pydantic.Field(ge=1)]
Text: TypeAlias = Annotated[str, pydantic.Field(min_length=1)]
Texts: TypeAlias = Annotated[tuple[Text, ...], pydantic.Field(strict=False)]
Resources: TypeAlias = Mapping[str, Annotated[float, pydantic.Field(gt=0)]]


class LocalWorkers(_Part):
    """Worker processes of this machine, on the loopback interface."""

    kind: Literal["local"] = "local"
    workers: Count


class SshWorkers(_Part):
    """Workers started by SSH.

    Attributes
    ----------
    hosts
        The first one runs the scheduler; name it twice for workers there, too.
    workers
        Processes on each host.
    python
        Interpreter on the hosts that has harness installed; by default this one's path.
    interface
        Network interface of the scheduler, such as `eth0`; by default it listens on the address
        of the first host's name.
    """

    kind: Literal["ssh"] = "ssh"
    hosts: Annotated[Texts, pydantic.Field(min_length=2)]
    workers: Count = 1
    python: Text | None = None
    interface: Text | None = None


class SlurmWorkers(_Part):
    """Workers that are jobs of Slurm.

    Attributes
    ----------
    workers
        Processes in all, one trial each at a time.
    slurm
        Arguments of `dask_jobqueue.SLURMCluster`: queue, account, memory, walltime, processes,
        interface, job_extra_directives, job_script_prologue, ...
    """

    kind: Literal["slurm"] = "slurm"
    workers: Count
    slurm: Mapping[str, bool | int | float | str | Texts] = pydantic.Field({})


class Tls(_Part):
    """Files of TLS in PEM: whom to trust, and this side's own certificate and key."""

    ca: Text
    cert: Text
    key: Text


Workers: TypeAlias = Annotated[
    LocalWorkers | SshWorkers | SlurmWorkers, pydantic.Field(discriminator="kind")
]


class Profile(_Part):
    """Where trials run on Dask; no result depends on it, but on the kind of device.

    Attributes
    ----------
    scheduler
        Address of a scheduler that runs already; workers may join and leave.
    cluster
        Workers to be started for this launch, and to be stopped with it.
    workers
        Most trials at once on `scheduler`; by default the study's window.
    device
        Kind of the device that every worker trains on.
    shared
        Whether workers see this project's folder under the same path, so that they read the data
        and write results there; by default those of this machine do, and no others.
    resources
        What a worker must offer, as `dask worker --resources` names it.
    patience
        Seconds that the scheduler may be away before the launch ends.
    """

    scheduler: Text | None = None
    cluster: Workers | None = None
    workers: Count | None = None
    device: Device = "cpu"
    shared: bool | None = None
    resources: Resources = pydantic.Field({})
    tls: Tls | None = None
    patience: Annotated[float, pydantic.Field(gt=0)] = 60.0

    @pydantic.model_validator(mode="after")
    def _one_place(self) -> "Profile":
        if (self.scheduler is None) == (self.cluster is None):
            raise ValueError("give either `scheduler` or `cluster`")
        if self.cluster and self.workers:
            raise ValueError("`workers` stands below `cluster`, which starts them")
        if self.cluster and self.cluster.kind == "ssh" and self.tls:
            raise ValueError(
                "tls: not with `kind: ssh`; start `dask scheduler` and `dask worker` with --tls-* "
                "on the hosts, and give its address as `scheduler`"
            )
        scheme = (self.scheduler or "").partition("://")[0]
        if self.scheduler and scheme not in {"tcp", "tls"}:
            raise ValueError(f"scheduler: tcp://HOST:PORT or tls://HOST:PORT, not {scheme!r}")
        if self.scheduler and (scheme == "tls") != (self.tls is not None):
            raise ValueError("scheduler: a tls:// address and `tls` go together")
        return self

    @property
    def known_workers(self) -> int | None:
        """Number of workers of this launch; None where they join a scheduler as they like."""
        if self.cluster is None:
            return self.workers
        many = len(self.cluster.hosts) - 1 if self.cluster.kind == "ssh" else 1
        return self.cluster.workers * many

    @property
    def shares_files(self) -> bool:
        """Whether workers see this project's folder."""
        own = self.cluster is not None and self.cluster.kind == "local"
        return own if self.shared is None else self.shared

    @property
    def is_open(self) -> bool:
        """Whether others than this machine may reach the scheduler, without TLS."""
        if self.tls is not None:
            return False
        if self.cluster is not None:
            return self.cluster.kind != "local"
        host = (self.scheduler or "").partition("://")[2].rpartition(":")[0]
        return host not in {"127.0.0.1", "localhost", "[::1]"}


def read_profile(path: Path) -> dict[str, object]:
    """The mapping of a profile file, its paths made absolute; `make_profile` checks it.

    Raises
    ------
    InputError
        The file is missing, no YAML or no mapping.
    """
    plain = read_yaml(path, "no such profile file")
    if not isinstance(plain, dict):
        raise InputError(f"{path}: a profile is a mapping, found {type(plain).__name__}")
    if isinstance(tls := plain.get("tls"), dict):
        beside = path.resolve().parent
        plain["tls"] = {k: str(beside / v) if isinstance(v, str) else v for k, v in tls.items()}
    return plain


def make_profile(plain: Mapping[str, object], where: str) -> Profile:
    """The profile of a mapping.

    Raises
    ------
    InputError
        A field is unknown or has a value that is not allowed, or a file of TLS is missing: the
        message opens with `where` and names the field.
    """
    try:
        profile = Profile.model_validate(plain)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, where, plain)) from None
    for name in ("ca", "cert", "key") if profile.tls else ():
        if not Path(getattr(profile.tls, name)).is_file():
            raise InputError(f"{where}: tls.{name}: no such file: {getattr(profile.tls, name)}")
    return profile


def parse_cluster(text: str) -> dict[str, object]:
    """The workers that `--cluster` asks for, as the profile has them.

    Raises
    ------
    InputError
        It is neither `local:N`, `ssh:HOSTFILE` nor `slurm:PROFILE.yaml`.
    """
    kind, _, rest = text.partition(":")
    if kind == "local" and rest.isascii() and rest.isdecimal() and int(rest) > 0:
        return {"cluster": {"kind": "local", "workers": int(rest)}}
    if kind == "ssh" and rest:
        return {"cluster": {"kind": "ssh", "hosts": _hosts(Path(rest))}}
    if kind == "slurm" and rest:
        plain = read_profile(Path(rest))
        found = plain.get("cluster")
        if not isinstance(found, dict) or found.get("kind") != "slurm":
            raise InputError(f"{rest}: cluster: a mapping with `kind: slurm` expected")
        return plain
    raise InputError(f"--cluster {text}: allowed are local:N, ssh:HOSTFILE and slurm:PROFILE.yaml")


def _hosts(path: Path) -> list[str]:
    """The hosts of a file, one a line; what follows `#` is a remark."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"--cluster ssh:{path}: cannot be read ({error})") from None
    return [host for line in lines if (host := line.partition("#")[0].strip())]
