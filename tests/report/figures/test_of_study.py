"""Figures of a whole study: gates and search with known results, and all of them gathered."""

import re

import pandas as pd
import pytest

from harness.analysis import frontier_stage
from harness.analysis.curves import gates_data
from harness.analysis.exits import reliability_data
from harness.analysis.pairs import seed_tables
from harness.analysis.trial_tables import trial_tables
from harness.core.files import file_digest
from harness.core.project import Project
from harness.core.records import read_record, write_record
from harness.report.figures import files
from harness.report.figures.all_figures import draw_all, write_all
from harness.report.figures.gates import draw_gates
from harness.report.figures.pareto import pareto_data
from harness.report.figures.pareto_chart import pareto_chart
from harness.report.figures.search import (
    draw_importance,
    draw_own_slices,
    draw_shared_slices,
    slices_data,
)
from harness.report.figures.style import INK
from harness.results import study_record
from harness.results.outputs import read_outputs, write_outputs
from harness.results.stamp import STAMP, Stamp
from harness.results.tables import read_frontier
from harness.results.trials import FACTS, OUTPUTS, TrialFacts
from tests.records import changed

LOG = {"min": 0.001, "max": 0.1, "distribution": "log_uniform_values"}
SEARCHED = {"training.learning_rate": 0.01, "regime.beta": 0.5, "regime.preset": "uniform"}


def rewrite_curve(trial, curve):
    parts, _ = read_outputs(trial / OUTPUTS)
    write_outputs(trial / OUTPUTS, parts, curve.to_numpy())
    facts = read_record(trial / FACTS, TrialFacts)
    write_record(trial / FACTS, facts.model_copy(update={"curve": tuple(curve)}))


def restamp(folder, table):
    """Take a table that the test changed for the one that was written."""
    known = read_record(folder / STAMP, Stamp)
    tables = {**known.tables, table: file_digest(folder / table)}
    write_record(folder / STAMP, known.model_copy(update={"tables": tables}))


@pytest.fixture
def study(folder):
    """The made-up study with weights that move in some regimes, and searched values."""
    record = study_record.read_study_record(folder)
    found = []
    for configuration in record.configurations:
        if configuration.objectives is not None:
            moves = configuration.regime == "hard_cgt"
            weights = [1.0, 0.5 if moves else 1.0, 0.1 * configuration.number if moves else 1.0]
            curve = pd.DataFrame({"mean_weight_exit_1": 1.0, "mean_weight_exit_2": weights})
            rewrite_curve(folder / "trials" / configuration.keys[0], curve)
        parameters = dict(SEARCHED) if configuration.regime == "hard_cgt" else {}
        parameters["training.learning_rate"] = 0.001 * (1 + configuration.number)
        found.append(configuration.model_copy(update={"parameters": parameters}))
    spec = {
        "training": {"learning_rate": LOG},
        "regimes": {"joint": {}, "hard_cgt": {"beta": {"min": 0.0, "max": 1.0}}, "single_exit": {}},
    }
    record = changed(record, spec=spec, configurations=tuple(found))
    study_record.write_study_record(folder, record)
    return folder


def test_gates_are_averaged_over_the_trials_whose_weights_move(study):
    data = gates_data(trial_tables(study, study_record.read_study_record(study)).weights)
    assert set(data["regime"]) == {"hard_cgt"}
    last = data[(data["epoch"] == 3) & (data["exit"] == 2)].iloc[0]
    assert last["mean"] == pytest.approx((0.2 + 0.3) / 2)
    assert (last["low"], last["high"]) == pytest.approx((0.21, 0.29))
    assert last["trials"] == 2
    assert data.loc[data["exit"] == 1, "mean"].eq(1).all()
    (panel,) = draw_gates(data).axes
    assert panel.get_title() == "hard_cgt (2 trials)"
    assert panel.lines[1].get_ydata().tolist() == pytest.approx([1, 0.5, 0.25])


def test_slices_hold_the_reported_objectives(study):
    data = slices_data(study_record.read_study_record(study))
    rates = data[data["parameter"] == "training.learning_rate"]
    assert rates["value"].tolist() == pytest.approx([0.001 * (1 + n) for n in range(6)])
    assert rates["objective"].eq(0.5).all()
    assert rates["logarithmic"].all()
    assert not data.loc[data["parameter"] == "regime.beta", "logarithmic"].any()
    (shared,) = draw_shared_slices(rates, "joint").axes
    assert shared.get_xscale() == "log"
    assert shared.get_xlabel() == "learning_rate"
    assert shared.get_ylabel() == "hypervolume"
    beta, preset = draw_own_slices(data.drop(rates.index)).axes
    assert beta.get_title() == "hard_cgt: beta"
    assert [label.get_text() for label in preset.get_xticklabels()] == ["uniform"]


def test_importance_bars_rise_to_the_most_important():
    data = pd.DataFrame(
        {
            "regime": ["few"] * 2 + ["many"] * 2,
            "metric": "gain",
            "parameter": ["training.rate", "regime.beta"] * 2,
            "importance": [0.9, 0.1, 0.3, 0.7],
            "configurations": [6, 6, 60, 60],
        }
    )
    many, few = draw_importance(data).axes
    assert many.get_title() == "many (60 configurations)"
    assert [label.get_text() for label in many.get_yticklabels()] == ["rate", "beta"]
    assert [bar.get_width() for bar in few.patches] == [0.1, 0.9]


def test_hover_of_the_frontiers(study):
    frontier_stage.write_frontier(study)
    frame = read_frontier(study)
    data = pareto_data(frame)
    row = frame.iloc[0]
    shares = " / ".join(f"{row[f'test_share_exit_{e}']:.1%}" for e in (1, 2))
    assert data.loc[data["part"] == "test", "routing"].iloc[0] == shares
    # On test a point stands at the budget that it was chosen for; what it costs there is beside it.
    for part in ("validation", "test"):
        shown = data[data["part"] == part]
        assert shown["cost"].tolist() == frame["validation_cost"].tolist()
        assert shown["spent"].tolist() == frame[f"{part}_cost"].tolist()
        assert shown["score"].tolist() == frame[f"{part}_accuracy"].tolist()
    chart = pareto_chart(frame, None, ("joint",), "joint")
    assert [trace.line.shape for trace in chart.data] == ["hv"] * 6
    assert "%{customdata[5]}" in chart.data[0].hovertemplate


def test_all_that_applies_is_drawn_with_captions(study, tmp_path):
    frontier_stage.write_frontier(study)
    record = study_record.read_study_record(study)
    drawings = draw_all(study, Project(tmp_path / "elsewhere"), record, seed_tables(study))
    # The data are not there: no map, no gallery.
    assert [drawing.name for drawing in drawings] == [
        "pareto", "attainment", "routing", "reliability", "classes", "gates", "importance",
        "slices", "slices_regimes",
    ]  # fmt: skip
    for drawing in drawings:
        assert "study made-up" in drawing.figure.get_supxlabel().replace("\n", " ")
        assert len(drawing.caption) > 40
        assert len(drawing.data)
    write_all(drawings[2:3], study)
    assert {path.name for path in (study / "figures").iterdir()} == {
        f"routing.{form}" for form in ("png", "svg", "pdf")
    }
    element = files.inline(drawings[2].figure, "routing")
    assert element.startswith("<svg ")
    assert INK not in element
    assert "<style" not in element
    assert "joint</text>" in element
    names = set(re.findall(r' id="([^"]*)"', element))
    other = files.inline(drawings[2].figure, "other")
    assert not names & set(re.findall(r' id="([^"]*)"', other))
    references = re.findall(r'(?:xlink:href="|url\()#([^")]*)', element)
    assert references
    assert set(references) <= names


def test_a_regression_has_no_figures_of_right_and_wrong(study):
    record = study_record.read_study_record(study)
    frontier_stage.write_frontier(study)
    samples = pd.read_parquet(study / "samples.parquet")
    dropped = [
        name for name in samples if "correct" in name or "prediction" in name or name == "label"
    ]
    plain = samples.drop(columns=dropped).assign(score=0.5)
    plain.to_parquet(study / "samples.parquet")
    reliability_data(plain).to_parquet(study / "reliability.parquet")
    restamp(study, "samples.parquet")
    restamp(study, "reliability.parquet")
    regression = changed(record, manifest={"task": "regression"})
    drawings = draw_all(study, Project(study), regression, seed_tables(study))
    names = [drawing.name for drawing in drawings]
    assert names == [
        "pareto", "attainment", "routing", "gates", "importance", "slices", "slices_regimes",
    ]  # fmt: skip
