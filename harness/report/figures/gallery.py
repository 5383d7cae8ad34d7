"""A gallery of easy and hard test images of each class, by exit taken and confidence."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from harness.data.sets import RawData
from harness.data.splits import SplitIndices
from harness.report.figures.style import inked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_EACH = 2
"""Images of a kind and class."""
ERROR_COLOUR = "#D55E00"
_IMAGES = 3
"""Axes of raw data that are images: sample, row, column."""
_KINDS = ("easy", "hard")


def gallery_data(
    samples: pd.DataFrame, data: RawData, indices: SplitIndices
) -> pd.DataFrame | None:
    """The easiest and the hardest test images of each class.

    Easy are those that left at the first exit with the highest confidence. Hard are those that went
    on: the deepest first (the last exit's, where any came so far), and of these the ones with the
    least confidence at the first exit.

    Parameters
    ----------
    samples
        Of one regime, as `harness.analysis.operating_points.sample_table` makes it.

    Returns
    -------
    Columns label, kind (easy, hard), place (from 0), image (index in the raw data), prediction,
    exit, correct, confidence (of the first exit); None where the data are no images or the task no
    classification.
    """
    images = data.values.ndim == _IMAGES and not len(data.positions)  # noqa: PD011 -- no pandas
    if not images or "prediction" not in samples:
        return None
    early = samples["exit"] == 1
    shown = samples.assign(
        image=indices.test[samples["sample"]],
        confidence=samples["confidence_1"],
        kind=np.where(early, *_KINDS),
        # Rising: the deepest first; of those that left the most confident, of the rest the least.
        depth=-samples["exit"],
        rank=samples["confidence_1"] * np.where(early, -1, 1),
    ).sort_values(["depth", "rank"], kind="stable")
    shown = shown.assign(place=shown.groupby(["label", "kind"]).cumcount())
    chosen = shown[shown["place"] < _EACH].sort_values(["label", "kind", "place"])
    columns = ["label", "kind", "place", "image", "prediction", "exit", "correct", "confidence"]
    return chosen[columns].reset_index(drop=True)


@inked()
def draw_gallery(gallery: pd.DataFrame, data: RawData, classes: tuple[str, ...]) -> "Figure":
    """A column per class, rows of easy images above rows of hard ones; errors are framed."""
    from matplotlib.figure import Figure

    labels = sorted(gallery["label"].unique())
    figure = Figure(figsize=(1.1 * len(labels) + 0.6, 1.55 * 2 * _EACH + 0.5), layout="constrained")
    grid = figure.subplots(2 * _EACH, len(labels), squeeze=False)
    for panel in grid.ravel():
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(False)
    for row in gallery.to_dict("records"):
        line = _KINDS.index(row["kind"]) * _EACH + row["place"]
        image = data.values[row["image"]]  # noqa: PD011 -- no pandas
        _draw_image(grid[line, labels.index(row["label"])], image, row, classes)
    for column, label in enumerate(labels):
        grid[0, column].set_title(classes[label], fontsize=8)
    for index, kind in enumerate(_KINDS):
        grid[index * _EACH, 0].set_ylabel(kind, fontsize=9)
    return figure


def _draw_image(
    panel: "Axes",
    image: npt.NDArray[np.generic],
    row: Mapping[Hashable, Any],
    classes: tuple[str, ...],
) -> None:
    panel.imshow(image, cmap="gray", interpolation="none")
    text = f"exit {row['exit']}\nconfidence {row['confidence']:.2f}"
    panel.set_xlabel(text, fontsize=7, labelpad=2)
    if not row["correct"]:
        panel.spines[:].set(visible=True, color=ERROR_COLOUR, linewidth=2.5)
        panel.set_xlabel(
            f"{text}\npredicted {classes[row['prediction']]}", color=ERROR_COLOUR, fontsize=7
        )
