"""A command ends with whoever had it run, however that one ended."""

import subprocess
import sys

import psutil
import pytest

# Runs a guard, with less patience than usual, that ends when this process does.
OWNER = """
import subprocess, sys, time
GUARD = '''
import sys
from harness.tracking import guard
guard._PATIENCE = 0.2
guard.main(sys.argv[1:])
'''
subprocess.Popen([sys.executable, "-c", GUARD, "sh", "-c", sys.argv[1]], stdin=subprocess.PIPE)
time.sleep(600)
"""
DEAF = "trap '' TERM; "


@pytest.mark.parametrize(
    "command",
    [
        "echo ready; sleep 600",
        "sleep 600 & echo ready; wait",
        f'{DEAF}sh -c "{DEAF}sleep 600" & echo ready; wait; wait',
    ],
)
def test_all_processes_of_a_command_end_when_its_owner_is_killed(command):
    arguments = [sys.executable, "-c", OWNER, command]
    owner = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert owner.stdout.readline() == "ready\n"
    below = psutil.Process(owner.pid).children(recursive=True)
    assert len(below) >= 2
    owner.kill()
    owner.wait()
    _, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []


def test_the_exit_status_is_that_of_the_command():
    command = [sys.executable, "-m", "harness.tracking.guard", "sh", "-c", "exit 7"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as running:
        assert running.wait() == 7
