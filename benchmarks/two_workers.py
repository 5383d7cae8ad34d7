"""Time of a study on one worker against two: whole launches, and trials that differ in nothing.

Launches take turns. Start-up, which does not grow with a study, is in the time of a launch; the
pace counts from the first trial of each worker to the last one, without it. Needs two idle cores:
what else runs on them is measured, too.
"""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.suite.figure import Figure, quick, repeated
from harness.core.project import Project
from harness.data.load import ensure
from harness.results.study_record import read_study_record
from harness.study.run import LaunchOptions, run_study
from harness.study.slots import CPU
from harness.study.study_file import read_study
from harness.tracking.store import Store

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "studies" / "indian_pines_small.yaml"
TRIALS, REPEATS = (8, 1) if quick() else (36, 2)
CHANGES = ("name=two-workers", f"run_cap={TRIALS}", *(("training.epochs=2",) if quick() else ()))


@dataclass(frozen=True)
class Launch:
    """One launch: seconds of all of it, seconds a trial, and the configurations recorded."""

    seconds: float
    each: float
    configurations: object


def main() -> list[Figure]:
    """Launch the same study with one worker and with two, and print the ratio of their times."""
    pairs = [(measured(1), measured(2)) for _ in range(REPEATS)]
    if any(alone.configurations != two.configurations for alone, two in pairs):
        raise SystemExit("two launches recorded different configurations")
    for alone, two in pairs:
        print(f"one worker {alone.seconds:.1f} s, two workers {two.seconds:.1f} s")
    pace = [alone.each / two.each for alone, two in pairs]
    whole = [alone.seconds / two.seconds for alone, two in pairs]
    print(
        f"two workers: {statistics.median(pace):.2f} times the pace, whole launches of {TRIALS} "
        f"trials {statistics.median(whole):.2f} times as fast"
    )
    return [
        repeated("two workers over one: trainings an hour", pace, "times", at_least=1.8),
        repeated(f"two workers over one: start-up and {TRIALS} trials together", whole, "times"),
    ]


def measured(workers: int) -> Launch:
    """One launch in a project of its own."""
    study = read_study(STUDY, CHANGES)
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(Path(scratch))
        project.splits.write_text((ROOT / "params.yaml").read_text())
        manifest = ensure(project, study.split, None, lambda *_: None)
        store = Store(project.tracking_uri, project.artifacts)
        options = LaunchOptions((CPU,) * workers)
        began = time.monotonic()
        done = run_study(project, study, manifest, options, store, lambda _: None)
        if done.record.state != "done":
            raise SystemExit(f"a launch ended: {done.record.state}")
        seconds = time.monotonic() - began
        folder = project.results / study.name
        times = sorted(file.stat().st_mtime for file in folder.glob("trials/*/test.npz"))
        each = (times[-1] - times[workers - 1]) / (len(times) - workers)
        return Launch(seconds, each, read_study_record(folder).configurations)


if __name__ == "__main__":
    main()
