"""How much a regime's tuning decides: slices of its parameters over the searches of all studies."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from docs.findings_cells import interval, ordered, table
from docs.pictures.svg import Point, dots, drawing, path, text
from harness.report.figures.style import styles
from harness.results.study_record import Configuration, StudyRecord, read_study_record
from harness.study.dimensions import Listed, Ranged
from harness.study.importance import importances
from harness.study.space import search_space

_LEVEL = 0.95
_TOP = 3
"""Slices of a range: thirds, on the scale on which it is searched."""
_BASELINE = "joint"
_READ_WITH = {
    ("soft_cgt", "regime.kappa"): ("regime.h", "logistic"),
    ("soft_cgt", "regime.tau"): ("regime.h", "logistic"),
}
"""Parameters that a regime reads only where another one has some value."""
_DRAWN = (
    ("hard_cgt", "beta"),
    ("hard_cgt", "tau"),
    ("hard_cgt", "learning_rate"),
    ("soft_cgt", "beta"),
    ("soft_cgt", "tau"),
    ("soft_cgt", "kappa"),
)


def configurations(folders: Iterable[Path]) -> pd.DataFrame:
    """Every configuration of some studies, once for each parameter that its regime searched.

    Returns
    -------
    study, search, regime, number; parameter, value; slice (number and name of the third of the
    range, or of the listed value); place (of the value in the range, 0 to 1); importance (of the
    parameter in this study, PED-ANOVA, mean of its metrics); score (mean of the objectives, on
    validation) and gain (score less the mean score of its regime in its search).
    """
    found = pd.concat([_of_study(read_study_record(folder)) for folder in folders])
    each = found.drop_duplicates(["study", "number"])
    own = ["study", "search", "regime"]
    means = each.groupby(own)["score"].mean().rename("mean").reset_index()
    found = found.merge(means, on=own)
    return found.assign(gain=found["score"] - found.pop("mean"))


def sensitivity_table(found: pd.DataFrame) -> str:
    """Importance and slices of each parameter, of Confidence-Gated Training and of the baseline."""
    lines = []
    for regime in ordered(found["regime"].unique()):
        if "cgt" not in regime and regime != _BASELINE:
            continue
        of_regime = found[found["regime"] == regime]
        for parameter, rows in of_regime.groupby("parameter", sort=False):
            weight = rows.groupby("study")["importance"].first()
            cells = [f"{name}: {_gain(own)}" for (_, name), own in rows.groupby(["slice", "name"])]
            cells += [""] * (_TOP - len(cells))
            shown = f"{weight.mean():.2f} ({weight.min():.2f} to {weight.max():.2f})"
            lines.append([regime, str(parameter), shown, *cells])
    return table("regime|parameter|importance|low|middle|high", lines)


def tuning_table(found: pd.DataFrame) -> str:
    """How much better the best configuration of a search is than its median and its worst one."""
    each = found.drop_duplicates(["study", "number"])
    scores = each.groupby(["study", "search", "regime"])["score"].agg(["max", "median", "min"])
    lines = []
    for regime in ordered(each["regime"].unique()):
        own = scores.xs(regime, level="regime")
        gains = [own["max"] - own["median"], own["max"] - own["min"]]
        lines.append([regime, f"{len(own)}", *(_interval(gain) for gain in gains)])
    return table("regime|searches|best less median (points)|best less worst (points)", lines)


def slices_picture(found: pd.DataFrame) -> str:
    """A panel for some parameters: a dot for each configuration, the mean of each slice over it."""
    bound = math.ceil(100 * found["gain"].abs().quantile(0.97)) / 100
    width, height, wide, left = 200, 130, 3, 60
    parts = []
    for place, (regime, parameter) in enumerate(_DRAWN):
        rows = found[(found["regime"] == regime) & (found["parameter"] == parameter)]
        x0, y0 = left + (width + 24) * (place % wide), 30 + (height + 66) * (place // wide)
        colour = styles([regime], _BASELINE)[regime].colour

        def at(share: float, gain: float, x: float = x0, y: float = y0) -> Point:
            inside = max(-bound, min(bound, gain))
            return x + width * share, y + height * (0.5 - inside / (2 * bound))

        parts.append(text((x0 + width / 2, y0 - 10), f"{regime}: {parameter}"))
        parts.append(path([at(0, 0), at(1, 0)], "line"))
        parts.append(path([at(0, -bound), at(0, bound)], "line"))
        every = zip(rows["place"], rows["gain"], strict=True)
        parts.append(dots((at(*each) for each in every), colour, 4, 0.35))
        parts += _means(rows, at)
        parts += _ends(rows, at(0, -bound), at(1, -bound))
        if place % wide == 0:
            for gain in (-bound, 0, bound):
                x, y = at(0, gain)
                label = f"{100 * gain:+.0f}" if gain else "0"
                parts.append(text((x - 6, y + 4), label, kind="soft", anchor="end"))
    tall = 30 + (height + 66) * -(-len(_DRAWN) // wide)
    title = "Validation accuracy of each configuration less its search's mean, by parameter"
    return drawing(left + (width + 24) * wide, tall, parts, title)


def _means(rows: pd.DataFrame, at: Callable[[float, float], Point]) -> list[str]:
    parts = []
    for (index, _), own in rows.groupby(["slice", "name"]):
        middle = (int(str(index)) + 0.5) / _TOP
        low, mean, high = _estimate(_by_search(own))
        line = [at(middle, low), at(middle, high)]
        parts.append(path(line, "mark", stroke_width="2"))
        ends = [at(middle - 0.12, mean), at(middle + 0.12, mean)]
        parts.append(path(ends, "mark", stroke_width="3"))
    return parts


def _ends(rows: pd.DataFrame, first: Point, last: Point) -> list[str]:
    """The values at the ends of a range, below its panel."""
    names = rows.sort_values("slice")["name"]
    shown = zip((first, last), (names.iloc[0], names.iloc[-1]), ("start", "end"), strict=True)
    return [
        text(
            (x, y + 18),
            name.split(" to ")[0 if anchor == "start" else -1],
            kind="soft",
            anchor=anchor,
        )
        for (x, y), name, anchor in shown
    ]


def _of_study(record: StudyRecord) -> pd.DataFrame:
    weights = importances(record).groupby(["regime", "parameter"])["importance"].mean()
    spaces = {regime: _searched(record, regime) for regime in record.spec.regimes}
    rows = [
        {
            "study": record.name,
            "search": each.search,
            "regime": each.regime,
            "number": each.number,
            "parameter": full.rpartition(".")[2],
            "value": each.parameters[full],
            **_slice(dimension, each.parameters[full]),
            "importance": weights.get((each.regime, full)),
            "score": float(np.mean(each.objectives or ())),
        }
        for each in record.succeeded()
        for full, dimension in spaces[each.regime].items()
        if _is_read(each, full)
    ]
    return pd.DataFrame(rows)


def _searched(record: StudyRecord, regime: str) -> dict[str, Listed | Ranged]:
    """The searched parameters of a regime, by section and name."""
    return {
        f"{section}.{name}": dimension
        for section, dimensions in search_space(record.spec, regime).items()
        for name, dimension in dimensions.items()
        if isinstance(dimension, Listed | Ranged)
    }


def _is_read(configuration: Configuration, parameter: str) -> bool:
    needs = _READ_WITH.get((configuration.regime, parameter))
    return needs is None or configuration.parameters[needs[0]] == needs[1]


def _slice(dimension: Listed | Ranged, value: bool | float | str) -> dict[str, int | float | str]:
    """Where a value lies: the number of its slice, its name, and its place from 0 to 1."""
    if isinstance(dimension, Listed):
        index = dimension.labels.index(value)
        return {"slice": index, "name": str(value), "place": (index + 0.5) / len(dimension.values)}
    scale: Callable[[float], float] = math.log if dimension.log else float
    back: Callable[[float], float] = math.exp if dimension.log else float
    low, high = scale(dimension.low), scale(dimension.high)
    place = (scale(float(value)) - low) / (high - low)
    index = min(int(place * _TOP), _TOP - 1)
    ends = (back(low + (high - low) * edge / _TOP) for edge in (index, index + 1))
    return {"slice": index, "name": "{:.2g} to {:.2g}".format(*ends), "place": place}


def _gain(rows: pd.DataFrame) -> str:
    return _interval(_by_search(rows))


def _by_search(rows: pd.DataFrame) -> pd.Series:
    return rows.groupby(["study", "search"])["gain"].mean()


def _interval(values: "pd.Series[float]") -> str:
    low, mean, high = _estimate(values)
    return interval(mean, low, high, 100, 1, "+") if len(values) > 1 else f"{100 * mean:+.1f}"


def _estimate(values: "pd.Series[float]") -> tuple[float, float, float]:
    """Mean over searches within its 95 % interval by Student's t."""
    found = values.to_numpy(float)
    mean = float(found.mean())
    if len(found) == 1:
        return mean, mean, mean
    error = float(found.std(ddof=1)) / math.sqrt(len(found))
    half = float(stats.t.ppf((1 + _LEVEL) / 2, len(found) - 1)) * error
    return mean - half, mean, mean + half
