"""The report stage: reads a study's tables and writes its page and figures."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.analysis.pairs import SeedTables, seed_tables
from harness.analysis.verdict import Verdict, verdict
from harness.core.project import Project
from harness.report.figures.all_figures import FIGURES_FOLDER, draw_all, write_all
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
from harness.results.budget_table import read_budgets
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import read_recommendations
from harness.results.stamp import STAMP
from harness.results.study_record import StudyRecord, read_finished
from harness.results.tables import SEEDS, read_frontier, read_regime_indices

REPORT_STEPS = 4
PICTURES = ("pareto.html", "pareto.png")


def write_pictures(record: StudyRecord, tables: Path, target: Path) -> tuple[Path, ...]:
    """Draw the frontiers of a table folder as pareto.html and pareto.png in `target`.

    Those of each seed on test; where the folder has none, those of all seeds on validation.
    """
    frame = read_frontier(tables)
    baseline = record.spec.baseline
    if (tables / SEEDS).is_file():
        seeds = seed_tables(tables)
        caption = seeds.record.caption
        surfaces = chosen = attainment_data(seeds.frontiers)
        areas = mean_hypervolumes(seeds)
    else:
        # One frontier of all seeds together, in place of one per seed.
        caption = record.caption
        surfaces, chosen = None, attainment_data(frame.assign(seed=0))
        areas = read_regime_indices(tables).set_index("regime")["validation_hypervolume"]
    shown = leading(areas, baseline)
    what = measure(pareto_data(frame))
    page, picture = (target / name for name in PICTURES)
    chart = pareto_chart(frame, surfaces, shown, baseline)
    draw_pareto_html(chart, shown, f"{record.name}: {what} against cost", caption, page)
    figure = draw_pareto(chosen, styles(shown, baseline), baseline, what, record.name)
    sign(figure, caption)
    save_png(figure, picture)
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
        undertraining=undertraining_remark(folder, record),
        drawings=drawings,
    )
    watch("regimes compared")
    write_report(path, contents)
    watch("page written")
    return path


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
