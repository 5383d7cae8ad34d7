"""Trainings that `promote` saves, and what it costs: the same study with and without it.

Each name of a study is an independent draw of its configurations; the two studies of a name begin
with the same ones. Both are judged alike, by the frontier of each regime and seed: its hypervolume
on validation, by which was decided, and on test, where nothing was. Printed as well is how many
trainings the study without `promote` takes to come as far on validation as the one with it, and how
far it comes with as many (a study of a smaller run_cap is the beginning of one of a larger).
Needs two idle cores.
"""

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suite.figure import Figure, quick
from harness.analysis.evaluation import of_study
from harness.analysis.frontiers import regime_indices, validation_points
from harness.analysis.seeds import seed_frontiers
from harness.core.project import Project
from harness.data.load import ensure
from harness.frontier.pareto import hypervolume
from harness.results.study_record import StudyRecord, read_study_record
from harness.study.run import LaunchOptions, run_study
from harness.study.slots import CPU
from harness.study.study_file import study_of
from harness.tracking.store import Store

ROOT = Path(__file__).parents[1]
NAMES, CONFIGURATIONS, EPOCHS = (2, 3, 2) if quick() else (4, 10, 6)
STUDY = {
    "split": "digits",
    "backbone": {"name": "image_cnn", "parameters": {"widths": [8, 16, 32], "exits": 3, "pool": 2}},
    "training": {
        "epochs": EPOCHS,
        "batch_size": 64,
        "learning_rate": {"min": 0.0005, "max": 0.05, "distribution": "log_uniform_values"},
    },
    "regimes": {
        "joint": {"preset": {"values": ["uniform", "linear_ramp", "branchynet"]}},
        "hard_cgt": {"beta": {"min": 0.0, "max": 1.0}, "tau": {"min": 0.5, "max": 0.99}},
    },
    "seeds": [0, 1, 2],
    "window": 4,
}
PROMOTE = {"after": 1, "keep": 0.5}


@dataclass(frozen=True)
class Finding:
    """One study without and with `promote`.

    Attributes
    ----------
    trainings, promoted
        Networks trained without and with it.
    as_far
        Trainings without it that reach the validation hypervolume of the study with it; all of
        them where none do.
    validation, validation_promoted, validation_fewer
        Hypervolumes, means over regimes and seeds: without, with, and without as far as it comes
        with as many trainings as with.
    test, test_promoted
        The same on test.
    """

    name: str
    trainings: int
    promoted: int
    as_far: int
    validation: float
    validation_promoted: float
    validation_fewer: float
    test: float
    test_promoted: float


def main() -> list[Figure]:
    """Launch the studies and print what was found."""
    began = time.monotonic()
    found = []
    for number in range(NAMES):
        found.append(measured(f"fewer-{number}"))
        print(_line(found[-1]), flush=True)
    print(f"{NAMES} studies of {len(STUDY['regimes'])} regimes, {time.monotonic() - began:.0f} s")
    figures = _figures(pd.DataFrame([asdict(each) for each in found]))
    for each in figures:
        print(f"{each.name}: {each.value:.4f} ({each.spread[0]:.4f} to {each.spread[1]:.4f})")
    return figures


def measured(name: str) -> Finding:
    """One study without and with `promote`, each in a project of its own."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        whole, kept = launched(Path(first), name, {}), launched(Path(second), name, PROMOTE)
        every, test = judged(Path(first) / "results" / name, whole)
        some, test_promoted = judged(Path(second) / "results" / name, kept)
        trainings, promoted = (sum(len(c.keys) for c in r.configurations) for r in (whole, kept))
        curve = prefixes(whole, every)
        reached = area(kept, some)
        return Finding(
            name=name,
            trainings=trainings,
            promoted=promoted,
            as_far=min(
                (count for count, each in curve.items() if each >= reached), default=trainings
            ),
            validation=area(whole, every),
            validation_promoted=reached,
            validation_fewer=max(each for count, each in curve.items() if count <= promoted),
            test=test,
            test_promoted=test_promoted,
        )


def launched(root: Path, name: str, promote: dict[str, float]) -> StudyRecord:
    """Launch the study in an empty project, on two workers."""
    each = len(STUDY["seeds"]) * len(STUDY["regimes"])
    content = {**STUDY, "name": name, "run_cap": CONFIGURATIONS * each}
    study = study_of(content | ({"promote": promote} if promote else {}), name)
    project = Project(root)
    project.splits.write_text((ROOT / "params.yaml").read_text())
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    run_study(project, study, manifest, LaunchOptions((CPU, CPU)), store, lambda _: None)
    return read_study_record(project.results / name)


def judged(folder: Path, record: StudyRecord) -> tuple[pd.DataFrame, float]:
    """All points on validation, and the test hypervolume, a mean over regimes and seeds."""
    evaluation = of_study(record)
    points = validation_points(folder, record, evaluation)
    frontiers = seed_frontiers(folder, record, points, evaluation)
    per_seed = [regime_indices(record, rows) for _, rows in frontiers.groupby("seed")]
    return points, float(pd.concat(per_seed)["test_hypervolume"].mean())


def area(record: StudyRecord, points: pd.DataFrame) -> float:
    """Validation hypervolume of the frontier of each regime and seed: the mean over them."""
    floor = record.reference.score
    return float(
        np.mean(
            [
                hypervolume(
                    rows["validation_cost"].to_numpy(),
                    rows["validation_accuracy"].to_numpy(),
                    1.0,
                    floor,
                )
                for _, rows in points.groupby(["regime", "seed"])
            ]
        )
    )


def prefixes(record: StudyRecord, points: pd.DataFrame) -> dict[int, float]:
    """The hypervolume of a study that ended earlier, by its trainings."""
    regimes, found, trainings = len(record.spec.regimes), {}, 0
    for each in record.configurations:
        trainings += len(each.keys)
        if each.number + 1 >= regimes:
            found[trainings] = area(record, points[points["configuration"] <= each.number])
    return found


def _line(found: Finding) -> str:
    return (
        f"{found.name}: {found.trainings} trainings, with promote {found.promoted}. Hypervolume on "
        f"validation {found.validation:.4f}, with {found.validation_promoted:.4f}; without, of as "
        f"many trainings {found.validation_fewer:.4f}, as far after {found.as_far}. On test "
        f"{found.test:.4f}, with {found.test_promoted:.4f}"
    )


def _figures(table: pd.DataFrame) -> list[Figure]:
    """Means over the draws, each with the lowest and the highest."""
    measured = {
        "trainings with promote, of those without": table["promoted"] / table["trainings"],
        "trainings without promote to come as far on validation, of those with": table["as_far"]
        / table["promoted"],
        "hypervolume on validation with promote less without": table["validation_promoted"]
        - table["validation"],
        "hypervolume on test with promote less without": table["test_promoted"] - table["test"],
        "hypervolume on validation with promote less without, of as many trainings": table[
            "validation_promoted"
        ]
        - table["validation_fewer"],
    }
    return [
        Figure(name, float(each.mean()), "", (each.min(), each.max()), f"{len(each)} draws, mean")
        for name, each in measured.items()
    ]


if __name__ == "__main__":
    main()
