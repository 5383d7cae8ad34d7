"""Classification maps of a scene's test pixels: ground truth, predictions, errors, exit taken."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from harness.data.sets import RawData
from harness.data.splits import SplitIndices
from harness.report.figures.style import class_colours, exit_colours, inked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OTHER = "#8888885a"
"""Labelled pixels in other parts of the split than test: they train, say, or validate."""
_LEFT_OUT = "#a0785ab4"
"""Labelled pixels in no part: a margin between parts is kept free."""
_WIDE, _LEGEND = 11.5, 6
"""Inches, and columns of the legend."""
_CORRECT, _ERROR = "#56B4E9", "#D55E00"


def scene_data(samples: pd.DataFrame, data: RawData, indices: SplitIndices) -> pd.DataFrame | None:
    """Each labelled pixel of the scene: one row per pixel, whatever part of the split it is in.

    Parameters
    ----------
    samples
        Of one regime, as `harness.analysis.operating_points.sample_table` makes it.

    Returns
    -------
    Columns row, column, test and left_out (bool: in no part); label, prediction and exit of test
    pixels, -1 elsewhere.
    None where the data are no scene, or a regression.
    """
    if not len(data.positions) or "prediction" not in samples:
        return None
    rows, columns = data.positions.T
    ordered = samples.sort_values("sample")
    found = {name: np.full(len(rows), -1) for name in ("label", "prediction", "exit")}
    for name, values in found.items():
        values[indices.test] = ordered[name]
    numbers = np.arange(len(rows))
    test = np.isin(numbers, indices.test)
    left_out = ~np.isin(numbers, np.concatenate(list(indices.parts.values())))
    places = {"row": rows, "column": columns, "test": test, "left_out": left_out}
    return pd.DataFrame({**places, **found})


@inked()
def draw_scene(data: pd.DataFrame, classes: tuple[str, ...], exits: int) -> "Figure":
    """Four maps; pixels of other parts are grey, those of no part brown, without a label empty.

    Parameters
    ----------
    classes
        Names [K].
    exits
        E.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    leaving, colours = exit_colours(exits), class_colours(len(classes))
    seen = data[["label", "prediction"]]
    present = [c for c in range(len(classes)) if (seen == c).any(axis=None)]
    test = data[data["test"]]
    correct = (test["label"] == test["prediction"]).astype(int)
    maps = {
        "ground truth": [colours[label] for label in test["label"]],
        "predictions": [colours[predicted] for predicted in test["prediction"]],
        "correct or not": [(_ERROR, _CORRECT)[value] for value in correct],
        "exit taken": [leaving[exit_number - 1] for exit_number in test["exit"]],
    }
    tall = min(np.ptp(data["row"]) / max(np.ptp(data["column"]), 1), 3)
    keys = [Patch(color=colours[c], label=classes[c]) for c in present]
    keys += [Patch(color=_CORRECT, label="correct"), Patch(color=_ERROR, label="error")]
    keys += [Patch(color=c, label=f"exit {number}") for number, c in enumerate(leaving, 1)]
    keys += [Patch(color=_OTHER, label="other parts")]
    if data["left_out"].any():
        keys += [Patch(color=_LEFT_OUT, label="in no part (margin)")]
    size = (_WIDE, _WIDE / 4 * tall + 0.2 * (-(-len(keys) // _LEGEND)) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, 4)
    for panel, (title, found) in zip(panels, maps.items(), strict=True):
        panel.imshow(_painted(data, test, found), interpolation="none")
        panel.set_title(title, fontsize=10)
        panel.set_axis_off()
    figure.legend(
        handles=keys, loc="outside upper center", ncols=_LEGEND, fontsize=8, frameon=False
    )
    return figure


def _painted(data: pd.DataFrame, test: pd.DataFrame, colours: list[str]) -> npt.NDArray[np.uint8]:
    """The raster [rows, columns, 4] of the pixels' colours; clear where there is none."""
    from matplotlib.colors import to_rgba_array

    top, left = data["row"].min(), data["column"].min()
    raster = np.zeros((data["row"].max() - top + 1, data["column"].max() - left + 1, 4))
    ground = np.where(data["left_out"], _LEFT_OUT, _OTHER).tolist()
    raster[data["row"] - top, data["column"] - left] = to_rgba_array(ground)
    raster[test["row"] - top, test["column"] - left] = to_rgba_array(colours)
    return np.round(raster * 255).astype(np.uint8)
