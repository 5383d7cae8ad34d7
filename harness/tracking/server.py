"""The MLflow UI on this machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from harness.core.errors import HarnessError, InputError
from harness.core.urls import shown_error
from harness.tracking.store import Store, open_client


def serve(store: Store, artifacts: Path, port: int) -> int:
    """Run MLflow's server on 127.0.0.1 until this process is stopped; returns its exit status.

    The server and all its processes end with this one, by whatever signal that ends.

    Parameters
    ----------
    artifacts
        Folder for the artifacts of experiments that are created in the UI.

    Raises
    ------
    InputError
        The store is a server already, or cannot be opened.
    """
    if store.uri.startswith(("http://", "https://")):
        raise InputError(
            f"the tracking URI is that of a server: open {store.shown} in a browser, or serve the "
            "store below results/ with --tracking-uri ''"
        )
    _open(store)
    command = [sys.executable, "-m", "harness.tracking.guard"]
    command += [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    command += ["--artifacts-destination", str(artifacts), "--port", str(port), "--workers", "1"]
    # Not among the arguments, which every user of the machine can read: it may hold a password.
    # Jobs are of no use to studies, and would be eight more processes.
    environment = {
        **os.environ,
        "MLFLOW_BACKEND_STORE_URI": store.uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    pipe = subprocess.PIPE
    with (
        _stopped_by_signals(),
        subprocess.Popen(  # noqa: S603
            command, env=environment, stdin=pipe, start_new_session=True
        ) as guard,
    ):
        try:
            return guard.wait()
        except KeyboardInterrupt:
            return 0  # closing the pipe, as the block does, stops the server


def _open(store: Store) -> None:
    """Make the store ready; the server itself would print the address that it cannot open."""
    try:
        open_client(store)
    except HarnessError:
        raise
    except Exception as error:
        raise InputError(f"{store.shown}: cannot be opened ({shown_error(error)})") from None


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Within the block SIGTERM and SIGHUP stop as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
