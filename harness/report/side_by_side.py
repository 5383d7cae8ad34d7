"""Several studies side by side: reads their tables and writes one page."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.analysis.pairs import SeedTables, seed_tables
from harness.core.budgets import BUDGETS
from harness.core.errors import InputError
from harness.core.files import content_key
from harness.report.comparability import not_comparable
from harness.report.figures.drawing import Drawing
from harness.report.figures.leading import leading_over_studies
from harness.report.figures.pareto import draw_pareto
from harness.report.figures.style import Style, styles
from harness.report.figures.surfaces import attainment_data
from harness.report.formats import SCORE_NAMES
from harness.report.page.provenance import provenance, side_by_side
from harness.report.page.side_by_side import SideBySide, StudyColumn, write_page
from harness.report.sheets import Sheets, regime_sheets
from harness.report.stage import verdicts_of
from harness.report.undertraining import undertraining_remark
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import Recommendation, read_recommendations
from harness.results.study_record import read_finished
from harness.results.tables import read_undertraining

_LONGEST = 200
"""Characters of a page's name; file systems take 255 bytes."""


def page_name(names: Sequence[str]) -> str:
    """Name of the page's file: the studies', in their order.

    Examples
    --------
    >>> page_name(["quickstart", "diabetes"])
    'quickstart+diabetes.html'
    """
    joined = "+".join(names)
    if len(joined) > _LONGEST:
        joined = f"{joined[: _LONGEST - 9]}-{content_key([*names], length=8)}"
    return f"{joined}.html"


def write_side_by_side(
    folders: Sequence[Path], target: Path, watch: Callable[[str], None] = lambda _: None
) -> Path:
    """Write a page of several studies to the folder `target`, from the frontier stage's tables.

    Parameters
    ----------
    folders
        Of the studies, in the order of the columns.
    watch
        Called once per study and once at the end, each time with what is done.

    Raises
    ------
    InputError
        A study is named twice, has no result yet, or its frontier stage has not run.
    """
    twice = [folder.name for folder, count in Counter(folders).items() if count > 1]
    if twice:
        raise InputError(f"{', '.join(twice)}: named twice; a page has one column per study")
    records = [read_finished(folder) for folder in folders]
    tables = [seed_tables(folder) for folder in folders]
    compared = regime_sheets(folders)
    drawn = _drawn(compared, tables)
    columns = []
    for folder, record, own in zip(folders, records, tables, strict=True):
        columns.append(_column(folder, own, drawn))
        watch(f"{record.name} drawn")
    names = [each.name for each in records]
    facts = {
        name: provenance(record, own)
        for name, record, own in zip(names, records, tables, strict=True)
    }
    contents = SideBySide(
        columns=tuple(columns),
        regimes=_by_rank(compared),
        numbers=compared.numbers,
        ranks=compared.sheets[-1],
        not_comparable=not_comparable(tables),
        provenance=side_by_side(facts),
    )
    path = target / page_name(names)
    write_page(path, contents)
    watch("page written")
    return path


def _by_rank(compared: Sheets) -> tuple[str, ...]:
    """All regimes of the studies, by mean rank; those that some study lacks come last."""
    ranks = compared.numbers.groupby("regime", sort=False)["mean_rank"].first()
    return tuple(map(str, ranks.sort_values(kind="stable", na_position="last").index))


def _drawn(compared: Sheets, tables: Sequence[SeedTables]) -> dict[str, Style]:
    """The regimes that every column's picture shows, and how."""
    ranks = compared.numbers.groupby("regime", sort=False)["mean_rank"].first()
    baselines = tuple(dict.fromkeys(each.record.spec.baseline for each in tables))
    # Of all regimes, so that none takes another's place; a baseline is black where all share it.
    every = styles(_by_rank(compared), baselines[0] if len(baselines) == 1 else "")
    return {name: every[name] for name in leading_over_studies(ranks, baselines)}


def _column(folder: Path, tables: SeedTables, drawn: Mapping[str, Style]) -> StudyColumn:
    own = set(tables.hypervolumes.index.unique("regime"))
    return StudyColumn(
        tables=tables,
        verdicts=verdicts_of(tables),
        drawing=_drawing(tables, {name: style for name, style in drawn.items() if name in own}),
        absent=tuple(name for name in drawn if name not in own),
        recommendations=_recommended(folder) if tables.fresh else (),
        undertraining=undertraining_remark(read_undertraining(folder)),
    )


def _drawing(tables: SeedTables, drawn: Mapping[str, Style]) -> Drawing:
    record, surfaces = tables.record, attainment_data(tables.frontiers)
    what = SCORE_NAMES[record.score]
    return Drawing(
        f"pareto-{record.name}",
        f"{record.name}: {what} against cost",
        f"Frontiers on test: the line is the median of {tables.rests_on}, the band reaches from "
        f"what all attain to what one does. {record.caption[0].upper()}{record.caption[1:]}.",
        draw_pareto(surfaces, drawn, record.spec.baseline, what, title=""),
        surfaces,
    )


def _recommended(folder: Path) -> tuple[tuple[float, Recommendation | None], ...]:
    """What to deploy within a quarter, half and three quarters of the full cost."""
    found = read_recommendations(confirmation_folder(folder))
    by_budget = dict(zip(found.budgets, found.found, strict=True))
    return tuple((budget, by_budget[budget]) for budget in BUDGETS)
