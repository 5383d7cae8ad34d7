"""The made-up study after all stages."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.core.project import Project
from harness.report.stage import write_html
from tests.made_up import make_confirmation, make_study


@dataclass(frozen=True)
class Reported:
    """The study's folder, to be read alone, and the steps of which the stages informed."""

    folder: Path
    frontier_steps: tuple[str, ...]
    report_steps: tuple[str, ...]


@pytest.fixture(scope="session")
def reported(tmp_path_factory):
    """Made once: to draw a report takes seconds."""
    return report_of(make_study(tmp_path_factory.mktemp("reported")))


@pytest.fixture(scope="session")
def reported_fresh(tmp_path_factory):
    """The same of the study confirmed on seven fresh seeds, which can decide; made once."""
    folder = make_study(tmp_path_factory.mktemp("reported-fresh"))
    make_confirmation(folder, (tuple(range(1000, 1007)),))
    return report_of(folder)


def report_of(folder):
    frontier_steps: list[str] = []
    report_steps: list[str] = []
    write_frontier(folder, frontier_steps.append)
    write_html(folder, Project(folder), report_steps.append)
    return Reported(folder, tuple(frontier_steps), tuple(report_steps))
