from types import SimpleNamespace

import pytest

from harness.regimes._targets import TARGETS
from harness.training import compaction, timing
from tests.training.clock import CLOCK, Clock


@pytest.fixture
def clock(monkeypatch) -> Clock:
    for module in (compaction, timing):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter_ns=CLOCK.read))
    return CLOCK


@pytest.fixture
def decided(monkeypatch) -> set[str]:
    """The tasks by whose confidence something was decided, as they come."""
    seen: set[str] = set()
    for task, target in TARGETS.items():

        def look(outputs, task=task, confidence=target.confidence):
            seen.add(task)
            return confidence(outputs)

        monkeypatch.setattr(target, "confidence", look)
    return seen
