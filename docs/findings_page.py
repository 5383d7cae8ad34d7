"""Write the tables and the picture of docs/findings.md from results/findings.json.

    python -m docs.findings_page

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; studies without findings have no
column in it, and no row.
"""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from docs.findings_cells import STUDIES, interval, ordered, percents, table
from docs.findings_pooled import pooled_table, rivals_table
from docs.findings_sensitivity import (
    configurations,
    sensitivity_table,
    slices_picture,
    tuning_table,
)
from docs.pictures.svg import Point, drawing, path, text
from harness.analysis.pairs import seed_tables
from harness.analysis.variance import variance_table
from harness.core.files import write_text
from harness.core.records import read_record
from harness.report.figures.style import styles
from harness.results.findings import FINDINGS, Finding, Findings

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "findings.md"

PUBLISHED = {"soft_cgt": (0.95, 0.96, 0.95), "hard_cgt": (0.92, 0.93, 0.92)}
"""Weighted F1, precision and recall as published, of the regimes of which they are."""
_OWN = ("max_softmax", "macs")
_LEVEL = 0.05
_BUDGETS = (0.25, 0.5, 1.0)
_TABLE = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)

Rows = Sequence[Finding]


def main() -> None:
    """Write the page's tables and its pictures."""
    rows = read_record(ROOT / "results" / FINDINGS, Findings).rows
    write_text(PAGE, with_tables(PAGE.read_text(encoding="utf-8"), rows))
    for name, draw in PICTURES.items():
        write_text(PAGE.with_name(name), draw(rows))


def with_tables(page: str, rows: Rows) -> str:
    """A page with its tables as the findings have them."""
    return _TABLE.sub(lambda found: f"{found[1]}{found[2]}{TABLES[found[1]](rows)}\n", page)


def published(rows: Rows) -> str:
    """What was published beside what was found, at the published routing and at full cost."""
    lines = [
        [
            STUDIES[row.study],
            row.regime,
            percents((row.f1_weighted, row.precision_weighted, row.recall_weighted)),
            interval(row.f1_weighted, row.f1_weighted_low, row.f1_weighted_high, 100, 1),
            percents(row.routing),
            _verdict(row),
            interval(best.f1_weighted, best.f1_weighted_low, best.f1_weighted_high, 100, 1),
            _verdict(best),
        ]
        for row in _of(rows, routed=True)
        if row.regime in PUBLISHED
        for best in _of(rows, budget=1.0, study=row.study, regime=row.regime)
    ]
    head = "study|regime|F1/P/R (%)|F1 [95%]|routing (%)|against the published|F1 at full cost|so"
    return table(head, lines)


def gains(rows: Rows) -> str:
    """Gain in test hypervolume over joint training."""
    own = [row for row in _of(rows, budget=1.0) if row.regime != row.baseline]
    regimes = _regimes(own)
    lines = []
    for study, label in STUDIES.items():
        found = {row.regime: _gain(row) for row in own if row.study == study}
        if found:
            lines.append([label, *(found.get(regime, "") for regime in regimes)])
    return table("|".join(["study", *regimes]), lines)


def pooled(rows: Rows) -> str:
    """Gains over joint training over the searches of several studies."""
    return pooled_table(ROOT / "results", {row.study for row in rows})


def rivals(rows: Rows) -> str:
    """What Confidence-Gated Training gains over each other regime."""
    return rivals_table(ROOT / "results", {row.study for row in rows})


def accuracies(rows: Rows) -> str:
    """Overall accuracy within a quarter, half and all of the full cost."""
    shown = [row for budget in _BUDGETS for row in _of(rows, budget=budget)]
    regimes = _regimes(shown)
    lines = []
    for study, label in STUDIES.items():
        for budget in _BUDGETS:
            found = {row.regime: row for row in _of(shown, budget=budget, study=study)}
            cells = [_accuracy(found[name]) if name in found else "" for name in regimes]
            if found:
                lines.append([label, f"{budget:.0%}", *cells])
    return table("|".join(["study", "within", *regimes]), lines)


def evaluations(rows: Rows) -> str:
    """Gains over joint training under each exit policy and cost axis."""
    lines = []
    for study, label in STUDIES.items():
        of_study = [r for r in rows if r.study == study and r.budget == 1.0]
        for policy, axis in dict.fromkeys((r.policy, r.cost_axis) for r in of_study):
            found = {r.regime: r for r in of_study if (r.policy, r.cost_axis) == (policy, axis)}
            cells = [_gain(found[r]) if r in found else "" for r in _regimes(of_study)]
            lines.append([label, policy, axis, *cells])
    shown = [r for r in rows if r.study in STUDIES and r.budget == 1.0]
    return table("|".join(["study", "policy", "cost", *_regimes(shown)]), lines)


def luck(rows: Rows) -> str:
    """What share of the variance of one seed's gain is of which search found the configurations."""
    shown = {row.study for row in rows}
    shares = {
        study: variance_table(seed_tables(ROOT / "results" / study)).set_index("regime")["searches"]
        for study in STUDIES
        if study in shown
    }
    regimes = ordered({str(name) for found in shares.values() for name in found.index})
    lines = [
        [STUDIES[study], *(f"{found[name]:.0%}" if name in found else "" for name in regimes)]
        for study, found in shares.items()
    ]
    return table("|".join(["study", *regimes]), lines)


def sensitivity(rows: Rows) -> str:
    """Importance of each parameter, and the accuracy of its slices."""
    return sensitivity_table(_searched(rows))


def tuning(rows: Rows) -> str:
    """How much better the best configuration of a search is than its others."""
    return tuning_table(_searched(rows))


def slices(rows: Rows) -> str:
    """A panel for each parameter of Confidence-Gated Training, over all searches."""
    return slices_picture(_searched(rows))


def gains_picture(rows: Rows) -> str:
    """Gains over joint training as intervals: a panel per study, a line per regime."""
    own = [row for row in _of(rows, budget=1.0) if row.regime != row.baseline]
    studies, regimes = [s for s in STUDIES if any(r.study == s for r in own)], _regimes(own)
    ends = [end for row in own for end in (row.gain_low, row.gain_high) if end is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    step, left, width, wide = 20, 130, 190, 3
    tall = step * (len(regimes) + 3)
    parts = []
    for place, study in enumerate(studies):
        corner = (left + (width + 16) * (place % wide), 10 + tall * (place // wide))
        found = {row.regime: row for row in own if row.study == study}

        def across(value: float, at: float = corner[0]) -> float:
            return at + width * (value - low) / ((high - low) or 1)

        parts.append(text((corner[0] + width / 2, corner[1] + 14), STUDIES[study]))
        bottom = corner[1] + step * (len(regimes) + 1) + 6
        parts.append(path([(across(0), corner[1] + 22), (across(0), bottom)], "line"))
        for value, anchor in ((low, "start"), (high, "end")):
            below = (across(value), bottom + 14)
            parts.append(text(below, f"{value:+.2f}", kind="soft", anchor=anchor, font_size="11"))
        for line, regime in enumerate(regimes):
            level = corner[1] + step * (line + 1) + 14
            if place % wide == 0:
                parts.append(text((left - 8, level + 4), regime, anchor="end", font_size="13"))
            if row := found.get(regime):
                parts += _whisker(row, level, across)
    height = tall * -(-len(studies) // wide) + 10
    title = "Gain in test hypervolume over joint training, with 95 % intervals"
    return drawing(left + (width + 16) * wide, max(height, 40), parts, title)


def _whisker(row: Finding, level: float, across: Callable[[float], float]) -> list[str]:
    if row.gain is None or row.gain_low is None or row.gain_high is None:
        return []
    colour = styles([row.regime], row.baseline)[row.regime].colour
    line: list[Point] = [(across(row.gain_low), level), (across(row.gain_high), level)]
    certain = row.p_holm is not None and row.p_holm < _LEVEL
    filled = colour if certain else "none"
    return [
        path(line, style=f"stroke: {colour}; stroke-width: 2"),
        f'<circle cx="{across(row.gain):.1f}" cy="{level:.1f}" r="4" fill="{filled}" '
        f'stroke="{colour}" stroke-width="2"/>',
    ]


def _of(
    rows: Rows,
    budget: float | None = None,
    routed: bool = False,
    study: str | None = None,
    regime: str | None = None,
) -> Iterable[Finding]:
    """The rows of the page's studies under their own policy and MACs, studies in their order."""
    found = [
        row
        for row in rows
        if (row.policy, row.cost_axis) == _OWN
        and row.study in STUDIES
        and (row.at_routing is not None if routed else row.budget == budget)
        and study in (None, row.study)
        and regime in (None, row.regime)
    ]
    return sorted(found, key=lambda row: ([*STUDIES].index(row.study), row.regime))


def _searched(rows: Rows) -> pd.DataFrame:
    known = {row.study for row in rows}
    return _configurations(tuple(study for study in STUDIES if study in known))


@functools.cache  # two tables and a picture are made of them
def _configurations(studies: tuple[str, ...]) -> pd.DataFrame:
    return configurations(ROOT / "results" / study for study in studies)


def _regimes(rows: Rows) -> list[str]:
    """Those that occur: Confidence-Gated Training first."""
    names = {row.regime for row in rows if row.regime != row.baseline}
    names |= {row.regime for row in rows if row.regime == row.baseline and row.budget != 1.0}
    return ordered(names)


def _gain(row: Finding) -> str:
    certain = "**" if row.p_holm is not None and row.p_holm < _LEVEL else ""
    return f"{certain}{interval(row.gain, row.gain_low, row.gain_high, 1, 4, '+')}{certain}"


def _accuracy(row: Finding) -> str:
    return interval(row.accuracy, row.accuracy_low, row.accuracy_high, 100, 1)


def _verdict(row: Finding) -> str:
    wanted = PUBLISHED[row.regime][0]
    low, high = row.f1_weighted_low or 0.0, row.f1_weighted_high or 0.0
    if low > wanted:
        return "beaten"
    return "reproduced" if high >= wanted else "not reached"


TABLES: dict[str, Callable[[Rows], str]] = {
    each.__name__: each
    for each in (
        published,
        gains,
        pooled,
        rivals,
        accuracies,
        evaluations,
        luck,
        tuning,
        sensitivity,
    )
}
"""What stands in the page, by its name there."""
PICTURES = {"findings-gains.svg": gains_picture, "findings-slices.svg": slices}
"""What is drawn, by the name of its file."""


if __name__ == "__main__":
    main()
