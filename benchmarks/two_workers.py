"""Time of a study on one worker against two: whole launches, and trials that differ in nothing.

    python benchmarks/two_workers.py

Needs two idle cores: what else runs on them is measured, too.
"""

import tempfile
import time
from pathlib import Path

from harness.core.project import Project
from harness.data.load import ensure
from harness.results.study_record import read_study_record
from harness.study.run import LaunchOptions, run_study
from harness.study.slots import CPU
from harness.study.study_file import read_study
from harness.tracking.store import Store

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "studies" / "indian_pines_small.yaml"
CHANGES = ("name=two-workers", "run_cap=36")


def main() -> None:
    """Launch the same study with one worker and with two, and print the ratio of their times."""
    found = [measured(workers) for workers in (1, 2)]
    (alone, first), (together, second) = found
    if first != second:
        raise SystemExit("the two launches recorded different configurations")
    print(f"one worker {alone:.1f} s, two workers {together:.1f} s: {alone / together:.2f} times")


def measured(workers: int) -> tuple[float, object]:
    """Seconds of a whole launch, start-up included, and the configurations recorded."""
    study = read_study(STUDY, CHANGES)
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(Path(scratch))
        project.splits.write_text((ROOT / "params.yaml").read_text())
        manifest = ensure(project, study.split, None, lambda *_: None)
        store = Store(project.tracking_uri, project.artifacts)
        options = LaunchOptions((CPU,) * workers)
        began = time.monotonic()
        run_study(project, study, manifest, options, store, lambda _: None)
        seconds = time.monotonic() - began
        return seconds, read_study_record(project.results / study.name).configurations


if __name__ == "__main__":
    main()
