"""The queue and the thread between a launch and MLflow."""

import contextlib
import threading
from types import SimpleNamespace

import pytest

from harness.study import mlflow_log as module
from harness.study.interrupt import Stopped
from harness.study.mlflow_log import MlflowLog

RECORD = SimpleNamespace(state="done")


class Slow:
    """A logger (`harness.study.trial_logger.TrialLogger`) whose calls wait until they may go on."""

    def __init__(self):
        self.may_go_on = threading.Event()
        self.entered = threading.Event()
        self.batches, self.finished, self.failing = [], [], False

    def log(self, batch):
        self.entered.set()
        self.may_go_on.wait(30)
        self.batches.append(list(batch))

    def finish(self, record):
        self.finished.append(record)


@pytest.fixture
def logger():
    slow = Slow()
    yield slow
    slow.may_go_on.set()


def never():
    """No stop is asked for."""


def stopped():
    raise Stopped(2)


def test_the_launch_does_not_wait_and_all_is_logged_in_order_by_its_end(logger):
    with contextlib.closing(MlflowLog(logger)) as log:
        for number in range(200):
            log.log(number)
        assert not logger.batches
        logger.may_go_on.set()
        log.finish(RECORD, never)
    assert [each for batch in logger.batches for each in batch] == list(range(200))
    assert max(map(len, logger.batches)) == 10
    assert logger.finished == [RECORD]


def test_a_launch_that_was_asked_to_stop_logs_what_it_can_in_a_few_seconds(logger, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    with contextlib.closing(MlflowLog(logger)) as log:
        log.log(0)
        assert logger.entered.wait(30)
        log.finish(RECORD, stopped)
    assert not logger.finished
    again = Slow()
    again.may_go_on.set()
    with contextlib.closing(MlflowLog(again)) as log:
        log.log(0)
        log.finish(RECORD, stopped)
    assert (again.batches[0], again.finished) == ([0], [RECORD])


def test_a_launch_that_was_asked_to_stop_does_not_wait_for_a_server_that_is_down(logger):
    logger.failing = True
    with contextlib.closing(MlflowLog(logger)) as log:
        log.log(0)
        assert logger.entered.wait(30)
        threading.Timer(0.5, logger.may_go_on.set).start()
        log.log(1)
        log.finish(RECORD, stopped)
    assert logger.batches == [[0]]


def test_a_launch_that_ends_in_an_error_leaves_no_thread(logger):
    logger.may_go_on.set()
    with contextlib.suppress(OSError), contextlib.closing(MlflowLog(logger)) as log:
        log.log(0)
        raise OSError("disk full")
    assert not any(thread.name == "MLflow" for thread in threading.enumerate())
