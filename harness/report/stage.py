"""The report stage: reads a study's tables and writes its page and figures."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.core.project import Project
from harness.report.figures.all_figures import FIGURES_FOLDER, draw_all, write_all
from harness.report.figures.drawing import Drawing
from harness.report.figures.pareto import (
    draw_pareto_html,
    draw_pareto_png,
    measure,
    pareto_data,
)
from harness.report.page.sections import Contents
from harness.report.page.write import write_report
from harness.report.sheets import pair_sheets, regime_sheets
from harness.results.budget_table import read_budgets
from harness.results.stamp import STAMP
from harness.results.study_record import StudyRecord, read_finished
from harness.results.tables import read_frontier

REPORT_STEPS = 4
PICTURES = ("pareto.html", "pareto.png")


def write_pictures(record: StudyRecord, tables: Path, target: Path) -> tuple[Path, ...]:
    """Draw the frontiers of a table folder as pareto.html and pareto.png in `target`."""
    data = pareto_data(read_frontier(tables))
    title = f"{record.name}: {measure(data)} against cost"
    page, picture = (target / name for name in PICTURES)
    draw_pareto_html(data, title, record.caption, page)
    draw_pareto_png(data, title, record.caption, picture)
    return page, picture


def write_html(
    folder: Path, project: Project, watch: Callable[[str], None] = lambda _: None
) -> Path:
    """Write report.html, figures/ and the pictures of the frontiers, from the stage's tables.

    Parameters
    ----------
    project
        Holds the data, for maps and galleries; these are left out where the data are missing.
    watch
        Called REPORT_STEPS times, each time with the step that is done.
    """
    record = read_finished(folder)
    path = folder / "report.html"
    drawings = draw_all(folder, project, record)
    watch("figures drawn")
    _replace_figures(drawings, folder)
    write_pictures(record, folder, folder)
    watch("figures written")
    contents = Contents(
        record=record,
        frontier=read_frontier(folder),
        compared=regime_sheets([folder]),
        pairs=pair_sheets([folder]),
        budgets=read_budgets(folder),
        drawings=drawings,
    )
    watch("regimes compared")
    write_report(path, contents)
    watch("page written")
    return path


def current_figures(folder: Path) -> tuple[Path, ...]:
    """The pictures in figures/ of a folder; none where they were drawn from other tables."""
    figures = folder / FIGURES_FOLDER
    drawn, now = figures / STAMP, folder / STAMP
    if not drawn.is_file() or not now.is_file() or drawn.read_bytes() != now.read_bytes():
        return ()
    return tuple(sorted(figures.glob("*.png")))


def _replace_figures(drawings: Sequence[Drawing], folder: Path) -> None:
    """Write the figures in place of all that were there, with the stamp of their tables."""
    figures = folder / FIGURES_FOLDER
    shutil.rmtree(figures, ignore_errors=True)  # a regime may have left the study
    write_all(drawings, folder)
    shutil.copyfile(folder / STAMP, figures / STAMP)
