"""The MLflow UI that `harness ui` serves."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest

from harness.core.errors import InputError
from harness.tracking.server import open_local
from harness.tracking.store import Store


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.job
def test_the_ui_responds_on_this_machine_only_and_stops_with_all_its_processes(project):
    port = free_port()
    command = [sys.executable, "-c", "from harness.cli.app import main; main()", "ui"]
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", str(port)],
        cwd=project.root,
        env={**os.environ, "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "true"},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    below = []
    try:
        deadline = time.monotonic() + 300
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as response:
                    assert response.read() == b"OK"
                    break
            except urllib.error.URLError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.3)
        below = psutil.Process(process.pid).children(recursive=True)
        # A site whose name leads to this machine is refused, whatever the environment says.
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"}
        )
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(asked)  # noqa: S310 -- http
        listening = f"0100007F:{port:04X}"
        with open("/proc/net/tcp") as table:  # noqa: PTH123
            sockets = [line.split()[1] for line in table if f":{port:04X} " in line]
        assert listening in sockets
        assert f"00000000:{port:04X}" not in sockets
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        _, alive = psutil.wait_procs(below, timeout=60)
    assert below
    assert alive == []


def test_a_server_s_address_is_not_served_again():
    store = Store("http://me:hidden@mlflow.example:5000", None)
    with pytest.raises(InputError, match=r"open http://\*\*\*@mlflow.example:5000 in a browser"):
        open_local(store)
