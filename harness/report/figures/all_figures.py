"""All figures of a study's report, each with its caption."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.core.project import Project
from harness.report.figures.attainment import draw_attainment
from harness.report.figures.classes import classes_data, draw_classes
from harness.report.figures.data_samples import draw_samples
from harness.report.figures.drawing import Drawing, sign
from harness.report.figures.files import save
from harness.report.figures.gates import draw_gates
from harness.report.figures.leading import leading, mean_hypervolumes
from harness.report.figures.pareto import draw_pareto, measure, pareto_data
from harness.report.figures.reliability import FEWEST_IN_BIN, draw_reliability
from harness.report.figures.routing import draw_routing
from harness.report.figures.search import (
    OWN_PREFIX,
    draw_importance,
    draw_own_slices,
    draw_shared_slices,
    slices_data,
)
from harness.report.figures.style import styles
from harness.report.figures.surfaces import attainment_data
from harness.report.figures.thinning import thinned
from harness.results.absent import outputs_are_here
from harness.results.study_record import StudyRecord
from harness.results.tables import (
    SAMPLES,
    read_classes,
    read_frontier,
    read_gates,
    read_reliability,
    read_routing,
    read_samples,
)
from harness.study.importance import EVERY, importances

FIGURES_FOLDER = "figures"


def draw_all(
    folder: Path, project: Project, record: StudyRecord, seeds: SeedTables
) -> tuple[Drawing, ...]:
    """Every figure that applies to a study, from the frontier stage's tables, with its caption.

    Parameters
    ----------
    folder
        The study's.
    project
        Holds the data, for maps and galleries; these are left out where the data are missing or
        have changed since, or where samples.parquet is not here, nor the outputs that it is made
        of (`samples_are_here`).
    seeds
        Whose frontiers are compared over seeds.

    Raises
    ------
    InputError
        The frontier stage has not run.
    """
    frame = read_frontier(folder)
    over_seeds = list(_of_frontiers(frame, seeds))
    shown = samples_are_here(folder)
    drawings = [
        *_of_exits(folder, frame),
        *_of_classes(folder, record),
        *(draw_samples(project, record, frame, read_samples(folder)) if shown else ()),
        *_of_training(folder),
        *_of_search(record),
    ]
    for drawing in over_seeds:
        sign(drawing.figure, seeds.record.caption)
    for drawing in drawings:
        sign(drawing.figure, record.caption)
    return (*over_seeds, *drawings)


def samples_are_here(folder: Path) -> bool:
    """Whether there is a table of test samples, or were to be: a clone has none, and no outputs."""
    return (folder / SAMPLES).is_file() or outputs_are_here(folder)


def write_all(drawings: Sequence[Drawing], folder: Path) -> None:
    """Write each drawing as `figures/<name>.png`, `.svg` and `.pdf` below a study's folder."""
    for drawing in drawings:
        save(drawing.figure, folder / FIGURES_FOLDER, drawing.name)


def _of_frontiers(frame: pd.DataFrame, tables: SeedTables) -> Iterator[Drawing]:
    what, baseline = measure(pareto_data(frame)), tables.record.spec.baseline
    surfaces = attainment_data(tables.frontiers)
    seeds = tables.rests_on
    areas = mean_hypervolumes(tables)
    shown = leading(areas, baseline)
    line = (
        "The line is attained by half of the seeds, the band reaches from what all attain to what "
        "one does: at each cost budget the points that validation chose for it, evaluated on test, "
        "where a costlier one may be worse, so that lines may fall."
    )
    drawn = surfaces[surfaces["regime"].isin(shown)]
    title = f"{what.capitalize()} against cost"
    yield Drawing(
        "pareto",
        title,
        f"Test frontiers over {seeds} of {baseline} (black), the static reference (grey) and the "
        f"best others by mean test hypervolume: {_listed(areas[list(shown)], '.4f')}. {line}",
        draw_pareto(drawn, styles(shown, baseline), baseline, what, title),
        drawn,
    )
    yield Drawing(
        "attainment",
        "Attainment over seeds",
        f"Attainment surfaces of {seeds} on test. {line} Grey is the median of {baseline}.",
        draw_attainment(surfaces, baseline, measure=what, rests_on=seeds),
        surfaces,
    )


def _of_exits(folder: Path, frame: pd.DataFrame) -> Iterator[Drawing]:
    what = measure(pareto_data(frame))
    routes = read_routing(folder)
    first = routes[routes["exit"] == 1].set_index("regime")["share"]
    yield Drawing(
        "routing",
        "Where samples leave",
        "Share of the test samples that leaves at each exit, at the operating point best on "
        f"validation at no more than half the full cost, and {what} of those that do. At exit 1: "
        f"{_listed(first, '.0%')}.",
        draw_routing(routes, what),
        routes,
    )
    reliability = read_reliability(folder)
    if len(reliability):
        errors = reliability.groupby("exit")["ece"].agg(["min", "max"])
        spread = [f"{low:.3f} to {high:.3f} at exit {e}" for e, low, high in errors.itertuples()]
        yield Drawing(
            "reliability",
            "Reliability of each exit",
            "Accuracy on test against the confidence of the study's policy, of all test samples in "
            f"15 bins (those of at least {FEWEST_IN_BIN} samples). On the dashed line an exit is "
            "correct as often as it is confident. "
            f"Expected calibration error: {'; '.join(spread)}.",
            draw_reliability(reliability),
            reliability,
        )


def _of_classes(folder: Path, record: StudyRecord) -> Iterator[Drawing]:
    if record.manifest.task != "classification":
        return
    data = classes_data(read_classes(folder))
    hardest = data.groupby("class")["accuracy"].mean().nsmallest(3)
    deepest = data.groupby("class")["mean_exit"].mean().nlargest(3)
    yield Drawing(
        "classes",
        "Accuracy and exit by class",
        "Accuracy on test and mean exit taken, for each class (number of test samples) and regime "
        f"at its operating point of at most half the full cost. Lowest accuracy, over the regimes: "
        f"{_listed(hardest, '.2f')}. "
        f"Latest exits: {_listed(deepest, '.2f')}.",
        draw_classes(data),
        data,
    )


def _of_training(folder: Path) -> Iterator[Drawing]:
    data = read_gates(folder)
    if data.empty:
        return
    last = data[data["epoch"] == data.groupby("regime")["epoch"].transform("max")]
    weights = last.groupby("regime")["mean"].agg(lambda means: "/".join(f"{m:.2f}" for m in means))
    yield Drawing(
        "gates",
        "Gate activity over training",
        "Mean loss weight of each exit by epoch, where it changes: mean of the regime's trials "
        "still training then, and as a band the middle 80 % of them. At the end, exits 1 to "
        f"{last['exit'].max()}: {_listed(weights, '')}.",
        draw_gates(data),
        data,
    )


def _of_search(record: StudyRecord) -> Iterator[Drawing]:
    data = importances(record)
    if len(data):
        top = data.loc[data.groupby(["metric", "regime"])["importance"].idxmax()]
        over = EVERY if EVERY in set(top["regime"]) else str(top["regime"].iloc[0])
        top = top[top["regime"] == over].set_index("metric")
        named = [f"{row.parameter} for {row.Index}" for row in top.itertuples()]
        yield Drawing(
            "importance",
            "Parameter importance",
            "Share of the difference between the best configurations and all others that each "
            "searched parameter accounts for (PED-ANOVA). Most important over "
            f"{over}: {', '.join(named)}. Panels of few configurations are a "
            "rough guide only.",
            draw_importance(data),
            data,
        )
    slices = slices_data(record)
    own = slices["parameter"].str.startswith(OWN_PREFIX)
    if len(shared := slices[~own]):
        drawn, words = _dots(shared)
        figure = draw_shared_slices(drawn, record.spec.baseline)
        yield Drawing("slices", "Slices: parameters of the training", words, figure, shared)
    if len(special := slices[own]):
        drawn, words = _dots(special)
        title = "Slices: parameters of single regimes"
        yield Drawing("slices_regimes", title, words, draw_own_slices(drawn), special)


def _dots(slices: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The dots that are drawn of some slices, and a caption."""
    drawn, number = thinned(slices)
    words = "Metrics reported to Optuna against each parameter; a dot is a configuration."
    if number is None:
        return drawn, words
    counted = [each.groupby("regime")["configuration"].nunique().sum() for each in (drawn, slices)]
    return drawn, (
        f"{words} Drawn are {counted[0]:,} of {counted[1]:,} configurations, at most {number:,} of "
        "each regime: every so many in the order in which they were searched, the first and the "
        "last among them, whatever their metrics are, so that the best need not be. The data of "
        "the figure hold all."
    )


def _listed(values: pd.Series, form: str) -> str:
    ordered = values.sort_values(ascending=False) if form else values
    return ", ".join(f"{name} {value:{form}}" for name, value in ordered.items())
