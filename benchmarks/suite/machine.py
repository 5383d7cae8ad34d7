"""What a benchmark was run on: the machine and the versions of what it ran."""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("torch", "torchvision", "numpy", "optuna", "mlflow", "moocore", "joblib")


@dataclass(frozen=True)
class Machine:
    """Machine, operating system, and versions of the libraries by their name."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    versions: dict[str, str]


def this_machine() -> Machine:
    """The machine that this process runs on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    versions = {"Python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(pages / 2**30, 1),
        system=f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}",
        versions=versions,
    )


def commit(root: Path) -> str:
    """The commit of a clone, marked where files changed since; `unknown` outside one."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def load() -> float:
    """Mean number of processes that ran or waited for a core in the last minute."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
