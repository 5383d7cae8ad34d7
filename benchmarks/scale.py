"""How commands cope with studies of many trials: their seconds, and the most memory of one.

    python -m benchmarks scale

The trials are simulated (`suite/simulated.py`): results of 100 samples, written by the real
launcher and the real writer. Commands are processes of their own, as a user starts them. MLflow is
left out, as it catches up in its own time.
"""

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.suite.figure import Figure, quick
from benchmarks.suite.simulated import simulated_launch

TRIALS = (60, 120) if quick() else (2_000, 20_000)
WANTED_AT = 20_000
NAME = "scale"
COMMANDS = {
    "status": ("status",),
    "frontier, the first time": ("frontier", NAME, "--no-log"),
    "frontier, again": ("frontier", NAME, "--no-log"),
    "compare": ("compare", NAME),
    "report": ("report", NAME, "--no-log"),
}
LIMITS = {"status": 2.0, "frontier, again": 10.0, "compare": 5.0, "report": 30.0, "resume": 10.0}
"""Seconds that are wanted at 20,000 trials."""
_MORE = 42
"""Trials that a resumed launch adds: one configuration of each regime, and more."""
_LARGEST, _MEMORY = 6.0, 2.0
"""Megabytes of a report, and gigabytes of memory, that are wanted at most."""
_PATIENCE = 3_600
"""Seconds after which a command is given up: what follows needs the tables of the first one."""


def main() -> list[Figure]:
    """Measure every command at each number of trials, and print what it took."""
    found = []
    for trials in TRIALS:
        with tempfile.TemporaryDirectory() as scratch:
            for figure in measured(Path(scratch), trials):
                print(f"{figure.name}: {figure.missing or f'{figure.value:.2f} {figure.unit}'}")
                found.append(figure)
    return found


def measured(folder: Path, trials: int) -> list[Figure]:
    """One study of so many trials: what it takes to make it, and each command."""
    wanted = trials == WANTED_AT
    launch = simulated_launch(folder, NAME, trials)
    found = [Figure(f"{trials:,} trials: launch, a second", trials / launch.seconds, "trials")]
    resumed = simulated_launch(folder, NAME, trials + _MORE)
    limit = LIMITS["resume"] if wanted else None
    found.append(Figure(f"{trials:,} trials: resume", resumed.first, "s", at_most=limit))
    for name, command in COMMANDS.items():
        limit = LIMITS.get(name) if wanted else None
        seconds = _seconds(folder, command)
        missing = "" if seconds < math.inf else f"not done after {_PATIENCE} s"
        found.append(
            Figure(f"{trials:,} trials: {name}", seconds, "s", at_most=limit, missing=missing)
        )
    page = folder / "results" / NAME / "report.html"
    size = page.stat().st_size / 1e6 if page.is_file() else math.nan
    missing = "" if page.is_file() else "no report"
    limit = _LARGEST if wanted else None
    found.append(
        Figure(f"{trials:,} trials: size of the report", size, "MB", at_most=limit, missing=missing)
    )
    # The commands are children, the launches were this process.
    everyone = (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    memory = max(resource.getrusage(who).ru_maxrss for who in everyone) * 1024 / 1e9
    limit = _MEMORY if wanted else None
    found.append(Figure(f"{trials:,} trials: most memory", memory, "GB", at_most=limit))
    return found


def _seconds(folder: Path, command: tuple[str, ...]) -> float:
    """Seconds of a command; infinity where it was given up."""
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    began = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "harness", *command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return math.inf
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {json.dumps(done.stderr[-2000:])}")
    return time.monotonic() - began


if __name__ == "__main__":
    main()
