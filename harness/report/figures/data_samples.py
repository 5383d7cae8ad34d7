"""Figures of the data themselves: classification maps of a scene, galleries of images."""

from collections.abc import Iterator

import pandas as pd

from harness.analysis.chosen_points import exits_of
from harness.core.errors import DataError
from harness.core.project import Project
from harness.data.prepare import digest, read_raw, read_split_indices
from harness.data.sets import RawData
from harness.data.splits import SplitIndices
from harness.frontier.pareto import hypervolume
from harness.report.figures.drawing import Drawing
from harness.report.figures.gallery import draw_gallery, gallery_data
from harness.report.figures.scene import draw_scene, scene_data
from harness.results.study_record import StudyRecord
from harness.results.tables import cost_and_score


def draw_samples(
    project: Project, record: StudyRecord, frame: pd.DataFrame, samples: pd.DataFrame
) -> Iterator[Drawing]:
    """A classification map of the scene, or a gallery of easy and hard images.

    Shown for the early-exit regime of most hypervolume on validation; maps for the baseline too.

    Parameters
    ----------
    frame
        The regimes' frontiers.
    samples
        As `harness.analysis.operating_points.sample_table` makes it.
    """
    found = _raw_data(project, record)
    shown = _regimes(record, frame)
    if found is None or not shown:
        return
    data, indices = found
    classes, exits = record.manifest.classes, exits_of(frame)
    for regime in shown:
        pixels = scene_data(samples[samples["regime"] == regime], data, indices)
        if pixels is not None:
            words = _mapped(regime, pixels, exits)
            figure = draw_scene(pixels, classes, exits)
            title = f"Classification map: {regime}"
            yield Drawing(f"map_{regime}", title, words, figure, pixels)
    gallery = gallery_data(samples[samples["regime"] == shown[0]], data, indices)
    if gallery is not None:
        errors = gallery[~gallery["correct"]].groupby("kind").size()
        yield Drawing(
            "gallery",
            f"Easy and hard images: {shown[0]}",
            "Of each class the test images that left at the first exit with most confidence, and "
            "those that went deepest with least. Errors are framed: "
            f"{errors.get('easy', 0)} of the easy, {errors.get('hard', 0)} of the hard.",
            draw_gallery(gallery, data, classes),
            gallery,
        )


def _raw_data(project: Project, record: StudyRecord) -> tuple[RawData, SplitIndices] | None:
    """The study's data; None where they are missing, or differ from those that it ran on."""
    if record.imported:  # with labels and outputs alone
        return None
    spec = record.manifest.spec
    try:
        _, data, _ = read_raw(record.spec.split, spec, project.raw)
        indices = read_split_indices(project.prepared, record.spec.split)
    except DataError:
        return None
    return (data, indices) if digest(spec, data, indices) == record.manifest.digest else None


def _regimes(record: StudyRecord, frame: pd.DataFrame) -> list[str]:
    """The best early-exit regime, and the study's baseline."""
    areas = {
        str(regime): hypervolume(*cost_and_score(points), 1.0, record.reference.score)
        for regime, points in frame.groupby("regime")
        if (points["static_exit"] == 0).any()
    }
    best = sorted(areas, key=lambda regime: -areas[regime])
    return [regime for regime in best if regime in {best[0], record.spec.baseline}]


def _mapped(regime: str, every: pd.DataFrame, exits: int) -> str:
    pixels, left_out = every[every["test"]], int(every["left_out"].sum())
    correct = (pixels["label"] == pixels["prediction"]).mean()
    left = [f"{(pixels['exit'] == e).mean():.0%} at exit {e}" for e in range(1, exits + 1)]
    margin = (
        f" The {left_out} labelled pixels that the split leaves out, in no part, are brown."
        if left_out
        else ""
    )
    return (
        f"The scene's {len(pixels)} test pixels at the operating point of {regime} of at most half "
        f"the full cost: ground truth, predictions, of which {correct:.1%} are correct, "
        f"and the exit taken ({', '.join(left)}). "
        f"Pixels of the split's other parts are grey, those without a label empty.{margin}"
    )
