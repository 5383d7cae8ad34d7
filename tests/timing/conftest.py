from types import SimpleNamespace

import pytest

from harness.tasks import TASKS, task_named
from harness.timing import clock as clocks
from tests.timing.clock import CLOCK, Clock


@pytest.fixture
def clock(monkeypatch) -> Clock:
    monkeypatch.setattr(clocks, "time", SimpleNamespace(perf_counter_ns=CLOCK.read))
    return CLOCK


@pytest.fixture
def decided(monkeypatch) -> set[str]:
    """The tasks whose confidence was computed, recorded during the test."""
    tasks: set[str] = set()
    for task in TASKS.names():
        kind = type(task_named(task))

        def record(self, outputs, task=task, confidence=kind.confidence):
            tasks.add(task)
            return confidence(self, outputs)

        monkeypatch.setattr(kind, "confidence", record)
    return tasks
