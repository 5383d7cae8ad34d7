"""The MLflow UI on this machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import FrameType
from urllib.request import urlopen

from mlflow.tracking import MlflowClient

from harness.core.errors import HarnessError, InputError
from harness.core.urls import shown_error
from harness.tracking.ports import HOST
from harness.tracking.store import Store, open_client

_PAUSE = 0.3
"""Seconds between two questions whether the server answers."""


def open_local(store: Store) -> MlflowClient:
    """A client of a store that can be served; the server itself would print its address.

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
    try:
        return open_client(store)
    except HarnessError:
        raise
    except Exception as error:
        raise InputError(f"{store.shown}: cannot be opened ({shown_error(error)})") from None


def serve(store: Store, artifacts: Path, port: int, when_ready: Callable[[], None]) -> int:
    """Run MLflow's server on 127.0.0.1 until this process is stopped; returns its exit status.

    The server and all its processes end with this one, by whatever signal that ends.

    Parameters
    ----------
    store
        One that `open_local` opened.
    artifacts
        Folder for the artifacts of experiments that are created in the UI.
    when_ready
        Called in another thread once the server answers.
    """
    command = [sys.executable, "-m", "harness.tracking.guard"]
    command += [sys.executable, "-m", "mlflow", "server", "--app-name", "harness", "--host", HOST]
    command += ["--artifacts-destination", str(artifacts), "--port", str(port), "--workers", "1"]
    # Not among the arguments, which every user of the machine can read: it may hold a password.
    # Jobs are of no use to studies, and would be eight more processes.
    environment = {
        **os.environ,
        "MLFLOW_BACKEND_STORE_URI": store.uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # A page of another site may lead its own name to this machine: MLflow then says no.
        "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "false",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    pipe = subprocess.PIPE
    with (
        _stopped_by_signals(),
        subprocess.Popen(  # noqa: S603
            command, env=environment, stdin=pipe, start_new_session=True
        ) as guard,
    ):
        Thread(target=_wait_for, args=(guard, port, when_ready), daemon=True).start()
        try:
            return guard.wait()
        except KeyboardInterrupt:
            return 0  # closing the pipe, as the block does, stops the server


def _wait_for(server: "subprocess.Popen[bytes]", port: int, when_ready: Callable[[], None]) -> None:
    """Call once the server answers; not at all if it ends before."""
    while server.poll() is None:
        if _answers(port):
            when_ready()
            return
        time.sleep(_PAUSE)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/health", timeout=_PAUSE):
            return True
    except OSError:
        return False


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
