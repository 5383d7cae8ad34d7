"""The report stage: reads a study's tables and writes its page and figures."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from harness.analysis.pairs import SeedTables, seed_tables
from harness.analysis.verdict import Verdict, verdict
from harness.core.project import Project
from harness.report.figures.all_figures import (
    FIGURES_FOLDER,
    draw_all,
    samples_are_here,
    write_all,
)
from harness.report.figures.drawing import Drawing, sign
from harness.report.figures.leading import leading, mean_hypervolumes
from harness.report.figures.pareto import draw_pareto, measure, pareto_data, save_png
from harness.report.figures.pareto_chart import draw_pareto_html, pareto_chart
from harness.report.figures.style import STATIC_REFERENCE, styles
from harness.report.figures.surfaces import attainment_data
from harness.report.page.sections import Contents
from harness.report.page.write import write_report
from harness.report.sheets import pair_sheets, regime_sheets
from harness.report.undertraining import undertraining_remark
from harness.results.absent import outputs_wanted
from harness.results.budget_table import read_budgets
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import read_recommendations
from harness.results.stamp import STAMP
from harness.results.study_record import StudyRecord, read_finished
from harness.results.tables import (
    TEST_COST,
    read_frontier,
    read_regime_indices,
    read_undertraining,
)

if TYPE_CHECKING:
    from plotly import graph_objects

REPORT_STEPS = 4
PICTURES = ("pareto.html", "pareto.png")


@dataclass(frozen=True)
class _Frontiers:
    """What the pictures of some frontiers are drawn from.

    Attributes
    ----------
    surfaces
        Of the seeds; None where the tables have none, and then `chosen` holds those of all
        seeds together.
    shown
        The regimes that are shown at first.
    """

    frame: pd.DataFrame
    surfaces: pd.DataFrame | None
    chosen: pd.DataFrame
    shown: tuple[str, ...]
    caption: str

    def chart(self, baseline: str) -> "graph_objects.Figure":
        return pareto_chart(self.frame, self.surfaces, self.shown, baseline)


def frontiers_chart(record: StudyRecord, tables: Path) -> "graph_objects.Figure":
    """The interactive chart of a table folder's frontiers, as `write_pictures` draws them.

    Raises
    ------
    InputError
        The frontier stage has not run.
    """
    found = _frontiers(record, tables)
    figure = found.chart(record.spec.baseline)
    what = measure(pareto_data(found.frame))
    title = {"text": f"{record.name}: {what} against cost", "subtitle": {"text": found.caption}}
    figure.update_layout(title=title, template="plotly_white")
    return figure


def write_pictures(record: StudyRecord, tables: Path, target: Path) -> tuple[Path, ...]:
    """Draw the frontiers of a table folder as pareto.html and pareto.png in `target`.

    Those of each seed on test; where the folder has none, those of all seeds on validation.
    """
    found, baseline = _frontiers(record, tables), record.spec.baseline
    what = measure(pareto_data(found.frame))
    page, picture = (target / name for name in PICTURES)
    title = f"{record.name}: {what} against cost"
    draw_pareto_html(found.chart(baseline), found.shown, title, found.caption, page)
    drawn = styles(found.shown, baseline)
    figure = draw_pareto(found.chosen, drawn, baseline, what, record.name)
    sign(figure, found.caption)
    save_png(figure, picture)
    return page, picture


def _frontiers(record: StudyRecord, tables: Path) -> _Frontiers:
    frame, baseline = read_frontier(tables), record.spec.baseline
    if TEST_COST in frame:
        seeds = seed_tables(tables)
        surfaces = attainment_data(seeds.frontiers)
        shown = leading(mean_hypervolumes(seeds), baseline)
        return _Frontiers(frame, surfaces, surfaces, shown, seeds.record.caption)
    # One frontier of all seeds together, in place of one per seed.
    areas = read_regime_indices(tables).set_index("regime")["validation_hypervolume"]
    chosen = attainment_data(frame.assign(seed=0))
    return _Frontiers(frame, None, chosen, leading(areas, baseline), record.caption)


def write_html(
    folder: Path, project: Project, watch: Callable[[str], None] = lambda _: None
) -> Path:
    """Write report.html, figures/ and the pictures of the frontiers, from the stage's tables.

    Parameters
    ----------
    project
        Holds the data, for maps and galleries; these are left out where the data are missing, or
        the outputs of the trials.
    watch
        Called REPORT_STEPS times, each time with the step that is done.
    """
    record = read_finished(folder)
    path = folder / "report.html"
    seeds = seed_tables(folder)
    drawings = draw_all(folder, project, record, seeds)
    watch("figures drawn")
    _replace_figures(drawings, folder)
    write_pictures(record, folder, folder)
    watch("figures written")
    contents = Contents(
        record=record,
        frontier=read_frontier(folder),
        seeds=seeds,
        verdicts=verdicts_of(seeds),
        compared=regime_sheets([folder]),
        pairs=pair_sheets([folder]),
        budgets=read_budgets(folder),
        recommendations=(
            read_recommendations(confirmation_folder(folder)) if seeds.fresh else None
        ),
        undertraining=undertraining_remark(read_undertraining(folder)),
        drawings=drawings,
        left_out=left_out(folder, record),
    )
    watch("regimes compared")
    write_report(path, contents)
    watch("page written")
    return path


def left_out(folder: Path, record: StudyRecord) -> str:
    """A sentence on what a report cannot show without the outputs of trials; empty where it can."""
    if record.manifest.task != "classification" or samples_are_here(folder):
        return ""
    return (
        "Left out are maps of a scene and easy and hard images, which are drawn sample by sample: "
        f"{outputs_wanted(folder)}."
    )


def verdicts_of(seeds: SeedTables) -> tuple[Verdict, ...]:
    """Against the study's baseline, and against the static reference where the study has it."""
    baselines = [seeds.record.spec.baseline]
    if STATIC_REFERENCE in seeds.hypervolumes.index.unique("regime"):
        baselines.append(STATIC_REFERENCE)
    return tuple(verdict(seeds, baseline) for baseline in dict.fromkeys(baselines))


def current_figures(folder: Path) -> tuple[Path, ...]:
    """The pictures in figures/ of a folder; none where they were drawn from other tables."""
    figures = folder / FIGURES_FOLDER
    drawn = figures / STAMP
    if not drawn.is_file() or drawn.read_bytes() != _stamps(folder):
        return ()
    return tuple(sorted(figures.glob("*.png")))


def _replace_figures(drawings: Sequence[Drawing], folder: Path) -> None:
    """Write the figures in place of all that were there, with the stamps of their tables."""
    figures = folder / FIGURES_FOLDER
    shutil.rmtree(figures, ignore_errors=True)  # a regime may have left the study
    write_all(drawings, folder)
    (figures / STAMP).write_bytes(_stamps(folder))


def _stamps(folder: Path) -> bytes:
    """The stamps of what figures are drawn from: the study's tables, and its confirmation's."""
    stamps = (folder / STAMP, confirmation_folder(folder) / STAMP)
    return b"\n".join(stamp.read_bytes() for stamp in stamps if stamp.is_file())
