"""Run a command that ends, with all processes it started, when whoever started this one ends.

`python -m harness.tracking.guard COMMAND...` ends the command once its standard input is closed,
which the operating system does for every process, however that died.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

_PATIENCE = 10.0
"""Seconds that the command has to end by itself."""


def main(command: list[str]) -> int:
    """Run the command until it ends or standard input is closed; returns its exit status."""
    # A group of its own: all that the command starts can be ended together.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603
    threading.Thread(target=_end_after_input, args=(process,), daemon=True).start()
    status = process.wait()
    _signal_group(process.pid, signal.SIGKILL)
    return status


def _end_after_input(process: "subprocess.Popen[bytes]") -> None:
    # Not by way of sys.stdin, whose lock this thread would hold when the interpreter ends.
    while os.read(0, 1024):
        pass
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE)
    _signal_group(process.pid, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
