"""The tables of docs/findings.md over the searches of several studies: each search is a pair."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from docs.findings_cells import STUDIES, interval, ordered, table
from harness.analysis.pairs import Pair, SeedTables, corrected, pair, seed_tables

GROUPS = {
    "random splits": tuple(s for s in STUDIES if s.startswith(("cgt_spectrum", "cgt_patch"))),
    "spatial splits": tuple(s for s in STUDIES if s.startswith("cgt_spatial")),
}
"""Studies whose pairs are taken together."""
_BASELINE, _LEVEL, _LEAST = "joint", 0.05, 1e-4


def pooled_table(results: Path, known: Iterable[str]) -> str:
    """Gains over joint training, and their p-values by Holm over a group's regimes."""
    lines = []
    for group, studies in _groups(results, known):
        regimes = ordered(set.intersection(*map(_regimes, studies)) - {_BASELINE})
        found = _pairs(studies, [(regime, _BASELINE) for regime in regimes])
        for regime, each, p in zip(regimes, found, _corrected(found), strict=True):
            shown = f"{p:.4f}" if p >= _LEAST else f"<{_LEAST:.4f}"
            lines.append([group, regime, f"{len(studies)}", f"{each.pairs}", _said(each), shown])
    return table("splits|regime|studies|searches|gain over joint [95%]|p (Holm)", lines)


def rivals_table(results: Path, known: Iterable[str]) -> str:
    """What Confidence-Gated Training gains over each other regime, where a study has both.

    Bold where p is below 5 % by Holm over all comparisons of a group of splits.
    """
    lines, gated = [], []
    for group, studies in _groups(results, known):
        regimes = ordered(set.union(*map(_regimes, studies)))
        gated = [name for name in regimes if "cgt" in name]
        rivals = [name for name in regimes if "cgt" not in name]
        names = [(own, rival) for rival in rivals for own in gated]
        found = _pairs(studies, names)
        marks = ["**" if p < _LEVEL else "" for p in _corrected(found)]
        shown = [f"{mark}{_said(each)}{mark}" for each, mark in zip(found, marks, strict=True)]
        cells = dict(zip(names, shown, strict=True))
        searches = dict(zip(names, found, strict=True))
        for rival in rivals:
            count = f"{searches[gated[0], rival].pairs}"
            lines.append([group, rival, count, *(cells[own, rival] for own in gated)])
    return table("|".join(["splits", "against", "searches", *gated]), lines)


def _groups(results: Path, known: Iterable[str]) -> Iterable[tuple[str, Sequence[SeedTables]]]:
    """Each group with the tables of its studies that are known; those without any are left out."""
    there = set(known)
    for group, names in GROUPS.items():
        if found := [seed_tables(results / name) for name in names if name in there]:
            yield group, found


def _pairs(studies: Sequence[SeedTables], names: Iterable[tuple[str, str]]) -> list[Pair]:
    """Pairs of regimes over the searches of those studies that have both."""
    found = []
    for first, second in names:
        having = [study for study in studies if {first, second} <= _regimes(study)]
        each = pair(having, first, second)
        if each is None:
            raise ValueError(f"{first} and {second} have no searches in common")
        found.append(each)
    return found


def _regimes(study: SeedTables) -> set[str]:
    return set(study.frontiers["regime"])


def _corrected(pairs: Sequence[Pair]) -> Sequence[float]:
    return [float(p) for p in corrected(pd.Series([each.p for each in pairs], dtype=float))]


def _said(each: Pair) -> str:
    return interval(each.difference, each.difference_low, each.difference_high, 1, 4, "+")
