"""The MLflow UI that `harness ui` serves."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_ui_responds_on_this_machine_only_and_stops(project):
    port = free_port()
    command = [sys.executable, "-c", "from harness.cli.app import main; main()", "ui"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=project.root,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as response:
                    assert response.read() == b"OK"
                    break
            except urllib.error.URLError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.3)
        listening = f"0100007F:{port:04X}"
        with open("/proc/net/tcp") as table:  # noqa: PTH123
            sockets = [line.split()[1] for line in table if f":{port:04X} " in line]
        assert listening in sockets
        assert f"00000000:{port:04X}" not in sockets
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)
