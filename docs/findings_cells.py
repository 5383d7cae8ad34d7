"""What the tables of docs/findings.md are made of: its studies, and how cells are written."""

from collections.abc import Iterable, Sequence

STUDIES = {
    "cgt_spectrum_5": "spectra, 5 %",
    "cgt_spectrum_10": "spectra, 10 %",
    "cgt_spectrum_70": "spectra, 70 %",
    "cgt_patch_5": "3x3, 5 %",
    "cgt_patch_10": "3x3, 10 %",
    "cgt_patch_70": "3x3, 70 %",
    "cgt_spatial_spectrum": "spectra, spatial",
    "cgt_spatial_patch": "3x3, spatial",
    "cgt_third_epochs": "spectra, 10 %, 13 epochs",
    "cgt_triple_epochs": "spectra, 10 %, 120 epochs",
}
"""The studies of the page, and what they are called in its tables."""


def ordered(regimes: Iterable[str]) -> list[str]:
    """Regimes in the order of the page: Confidence-Gated Training first."""
    return sorted(regimes, key=lambda name: ("cgt" not in name, name))


def interval(
    value: float | None,
    low: float | None,
    high: float | None,
    scale: float,
    digits: int,
    sign: str = "",
) -> str:
    """A value with its interval; nothing where there is none."""
    if value is None or low is None or high is None:
        return ""
    found = (f"{scale * each:{sign}.{digits}f}" for each in (value, low, high))
    return "{} [{}, {}]".format(*found)


def percents(values: Iterable[float | None]) -> str:
    """Shares in percent, separated by strokes."""
    return "/".join("" if value is None else f"{100 * value:.1f}" for value in values)


def table(head: str, lines: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; the names of its columns are separated by `|`."""
    names = head.split("|")
    marks = ["---"] * len(names)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, marks, *lines))
