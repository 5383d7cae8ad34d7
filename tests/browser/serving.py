"""`harness ui` as a user starts it, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

STARTUP = 90


@contextmanager
def harness_ui(root, browser=None):
    """Serve the project in `root`; yields a function that waits for the server: its address.

    Starting takes seconds, in which the caller may do other things. `browser` is the command that
    is given the address to open; without it none is opened.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from harness.cli.app import main; main()", "ui"]
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    process = subprocess.Popen(
        [*command, "--port", str(port), *([] if browser else ["--no-browser"])],
        cwd=root,
        env={**environment, "BROWSER": str(browser)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def address():
        deadline = time.monotonic() + STARTUP
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health"):
                    return f"http://127.0.0.1:{port}"
            except urllib.error.URLError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    try:
        yield address
    finally:
        # Started in the background, a process may ignore SIGINT.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
