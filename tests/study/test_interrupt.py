"""An interrupt that a library catches is not lost."""

import contextlib
import os
import signal

import pytest

from harness.study.interrupt import interrupt_guard


def test_it_raises_at_once_and_again_where_it_was_swallowed():
    before = signal.getsignal(signal.SIGINT)
    with interrupt_guard() as check:
        check()
        swallowed = True
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            swallowed = False
        assert swallowed
        with pytest.raises(KeyboardInterrupt):
            check()
    assert signal.getsignal(signal.SIGINT) is before
