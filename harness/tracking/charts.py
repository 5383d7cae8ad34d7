"""Metrics that the MLflow UI draws: single values, and lines over epochs, exits or cost."""

import math
import re
import time
from collections.abc import Iterable, Mapping

import pandas as pd
from mlflow.entities import Metric

from harness.frontier.pareto import accuracy_at

_LOSSES, _ACCURACY = ("train_loss", "validation_loss"), "validation_accuracy_exit_"
_MOST_EPOCHS, _PERCENTS = 10, 10
"""MLflow takes longer for the points of a launch's charts than for all else: a few are enough."""
PER_EXIT = re.compile(r"(?P<name>.+)_exit_(?P<exit>\d+)")
IN_TABLE = re.compile(rf"{PER_EXIT.pattern}$|monotonicity_")
"""Figures that are no single values in the UI: lines over exits are drawn of them, or nothing."""


def scalars(values: Mapping[str, float]) -> list[Metric]:
    """A metric of one value each; those not finite are left out, as MLflow would alter them."""
    return _metrics((name, 0, value) for name, value in values.items())


def curves(curve: pd.DataFrame) -> list[Metric]:
    """`curve/..`: lines of losses and of the last exit's accuracy over at most 10 epochs.

    Parameters
    ----------
    curve
        A row per epoch; its index is the epoch.
    """
    exits = [name for name in curve if str(name).startswith(_ACCURACY)]
    drawn = curve[[name for name in curve if name in _LOSSES or name in exits[-1:]]]
    # The last epoch, and those before it at even distances.
    thinned = drawn.iloc[:: -max(1, math.ceil(len(curve) / _MOST_EPOCHS))].iloc[::-1]
    return _metrics(
        (f"curve/{name}", int(step), value)
        for name, column in thinned.items()
        for step, value in zip(thinned.index, column, strict=True)
    )


def by_exit(values: Mapping[str, float]) -> list[Metric]:
    """`exits/..`: a line over exits for all values named `.._exit_1`, `.._exit_2` and so on."""
    found = ((PER_EXIT.fullmatch(name), value) for name, value in values.items())
    return _metrics((f"exits/{m['name']}", int(m["exit"]), value) for m, value in found if m)


def by_cost(frontier: pd.DataFrame) -> list[Metric]:
    """`frontier/accuracy`: the best accuracy within p percent of the full cost is step p.

    Steps are every tenth percent, and the first that pays for anything.

    Parameters
    ----------
    frontier
        With the columns relative_cost and accuracy.
    """
    cost, accuracy = (frontier[name].to_numpy(float) for name in ("relative_cost", "accuracy"))
    first, last = math.ceil(100 * cost.min()), max(100, math.ceil(100 * cost.max()))
    percents = sorted({first, last, *range(first - first % -_PERCENTS, last, _PERCENTS)})
    best = ((p, accuracy_at(cost, accuracy, p / 100, -math.inf)) for p in percents)
    return _metrics(("frontier/accuracy", percent, value) for percent, value in best)


def _metrics(values: Iterable[tuple[str, int, float]]) -> list[Metric]:
    now = int(time.time() * 1000)
    return [
        Metric(name, float(value), now, int(step))
        for name, step, value in values
        if math.isfinite(value)
    ]
