"""Machines for tests of clusters: network namespaces of Linux, or folders where there are none.

A "host" has its own address, its own folder and its own environment: of the launcher it sees the
network alone. The launcher is in the namespace of the tests.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

# Interfaces and addresses belong to the whole machine: tests beside this one have others.
OWN = f"hn{os.getpid() % 10000}"
NETWORK = f"10.213.{os.getpid() % 250}"
DASK = [sys.executable, "-m", "dask"]


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)


def namespaces_work():
    """Whether network namespaces can be made here, which takes root and iproute2."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = ip("netns", "add", f"{OWN}-try").returncode == 0
    ip("netns", "del", f"{OWN}-try")
    if not made:
        return False
    linked = ip("link", "add", f"{OWN}-try", "type", "bridge").returncode == 0
    ip("link", "del", f"{OWN}-try")
    return linked


@dataclass
class Host:
    """A machine: a namespace and its address, or this machine's loopback; and a folder."""

    name: str
    folder: Path
    address: str
    namespace: str | None
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self, *command, **environment):
        """Start a process on this host, in its folder; the group ends with it."""
        inside = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        settings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment}
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(
            [*inside, *command],
            cwd=self.folder,
            env=settings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def kill(self):
        """Kill all that runs on this host, as a power cut does."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()


@dataclass
class Network:
    """Hosts that reach each other."""

    folder: Path
    real: bool
    hosts: list[Host] = field(default_factory=list)

    def __post_init__(self):
        if self.real:
            ip("link", "add", OWN, "type", "bridge")
            ip("addr", "add", f"{NETWORK}.1/24", "dev", OWN)
            ip("link", "set", OWN, "up")

    def host(self, name):
        """A new machine."""
        number = len(self.hosts) + 2
        folder = self.folder / name
        folder.mkdir(parents=True)
        if not self.real:
            self.hosts.append(Host(name, folder, "127.0.0.1", None))
            return self.hosts[-1]
        space, address = f"{OWN}-{name}", f"{NETWORK}.{number}"
        ip("netns", "add", space)
        ip("link", "add", f"{OWN}-{number}", "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", f"{OWN}-{number}", "master", OWN, "up")
        ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
        ip("-n", space, "link", "set", "eth0", "up")
        ip("-n", space, "link", "set", "lo", "up")
        self.hosts.append(Host(name, folder, address, space))
        return self.hosts[-1]

    def close(self):
        """End all hosts."""
        for host in self.hosts:
            host.kill()
            if host.namespace:
                ip("netns", "del", host.namespace)
        if self.real:
            ip("link", "del", OWN)


def start_scheduler(host, port=0):
    """Start a scheduler and wait until it listens; its address."""
    port = port or free_port()
    host.start(
        *DASK,
        "scheduler",
        "--host",
        host.address,
        "--port",
        str(port),
        "--no-dashboard",
        "--no-show",
    )
    deadline = time.monotonic() + 300
    while True:
        with contextlib.suppress(OSError), socket.create_connection((host.address, port), 1):
            return f"tcp://{host.address}:{port}"
        assert time.monotonic() < deadline, (host.folder / "log").read_text()
        time.sleep(0.2)


def start_worker(host, scheduler, *more, **environment):
    """Start a worker of one slot, with a nanny."""
    return host.start(
        *DASK,
        *("worker", scheduler, "--name", host.name, "--nthreads", "1", "--memory-limit", "0"),
        *("--host", host.address, "--no-dashboard", "--local-directory", str(host.folder)),
        *more,
        **environment,
    )


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
