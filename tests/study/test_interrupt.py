"""Signals ask for a stop, and never raise where they come."""

import os
import signal
import subprocess
import sys

import pytest

from harness.study.interrupt import Stopped, stop_signals

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def heard():
    """Ctrl-C, SIGTERM and SIGHUP as outside of nohup, which the tests may be run under."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_said_at_once_and_raised_where_it_is_asked_for(number):
    before = [signal.getsignal(each) for each in SIGNALS]
    said = []
    with stop_signals(lambda: said.append("stopping")) as check:
        check()
        for _ in range(4):  # a terminal and a parent process may both send it
            os.kill(os.getpid(), number)
        assert said == ["stopping"]
        for _ in range(2):
            with pytest.raises(Stopped) as stopped:
                check()
            assert stopped.value.number == number
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_a_hangup_that_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_signals(lambda: None) as check:
            os.kill(os.getpid(), signal.SIGHUP)
            check()
    finally:
        signal.signal(signal.SIGHUP, before)


STUCK = """
import os, signal
from harness.study import interrupt
interrupt.SAME_PRESS = 0.0
with interrupt.stop_signals(lambda: None):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    while True:
        signal.pause()
"""


def test_a_second_one_ends_what_is_stuck():
    done = subprocess.run([sys.executable, "-c", STUCK], timeout=60, check=False)
    assert done.returncode == 128 + signal.SIGTERM
