"""A study of real values through analysis and report: R^2 in place of accuracy, RMSE beside it."""

import numpy as np
import pandas as pd
import pytest

from harness.analysis import frontier_stage
from harness.analysis.chosen_points import half_points
from harness.analysis.comparison import regime_table
from harness.analysis.coverage import coverage_table
from harness.analysis.evaluation import evaluations, every_policy
from harness.analysis.frontiers import trials_table
from harness.analysis.pairs import seed_tables
from harness.analysis.policy_comparison import policy_comparison
from harness.analysis.trial_tables import trial_tables
from harness.core.errors import InputError
from harness.core.project import Project
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitCosts, ExitLogits
from harness.frontier.cost_axis import macs
from harness.report import stage
from harness.report.figures.pareto import measure, pareto_data
from harness.report.figures.pareto_chart import pareto_chart
from harness.report.side_by_side import write_side_by_side
from harness.results import study_record, trials
from harness.results.study_record import Configuration, Reference
from harness.results.tables import read_classes, read_samples
from tests.made_up import make_study
from tests.records import changed

SCALE = 50.0


def outputs(generator, samples):
    """Two exits that expect just the errors they make; one target."""
    labels = generator.normal(size=(samples, 1))
    deviation = generator.uniform(0.2, 1.2, (2, samples, 1)) / [[[1]], [[2]]]
    means = labels + deviation * generator.normal(size=deviation.shape)
    values = np.concatenate([means, 2 * np.log(deviation)], axis=-1)
    return ExitLogits(values.astype(np.float32), labels.astype(np.float32))


def store(folder, regime):
    generator = np.random.default_rng(len(regime))
    spec = TrialSpec("values", "d", Choice("b", {}, ""), Choice(regime, {}, ""), {"epochs": 1}, 0)
    costs = ExitCosts(np.array([10.0, 100.0]), 90.0, np.array([5, 9]))
    curve = pd.DataFrame({"train_loss": [1.0], "validation_accuracy_exit_1": [0.5]})
    validation, test = outputs(generator, 80), outputs(generator, 90)
    result = trials.TrialResult(spec, validation, costs, curve, 1.0, {"torch": "2"})
    trials.write_trial(folder, result, {}, test)
    return spec.key


@pytest.fixture
def regression(folder):
    """The made-up study, turned into one of real values."""
    made_up = study_record.read_study_record(folder)
    configurations = [
        Configuration(
            number=number,
            regime=regime,
            parameters={},
            keys=(store(folder, regime),),
            thresholds=None,
            objectives=(0.5,),
        )
        for number, regime in enumerate(("joint", "hard_cgt"))
    ]
    record = changed(
        made_up,
        spec={"policy": {"name": "predicted_precision"}},
        manifest={"task": "regression"},
        reference=Reference(macs=90.0, score=0.0, rmse=SCALE),
        configurations=tuple(configurations),
    )
    study_record.write_study_record(folder, record)
    return folder


def test_rmse_stands_beside_r2_in_frontier_indices_and_trials(regression):
    record, indices = frontier_stage.write_frontier(regression)
    frame = pd.read_csv(regression / "frontier.csv")
    row = frame.iloc[2]
    found = trials.read_trial(regression, row["key"]).validation
    precision = 1 / (1 + found.variances[0, :, 0])
    early = precision >= row["threshold_1"] - 1e-9
    predicted = np.where(early, found.means[0, :, 0], found.means[1, :, 0])
    squared_error = np.square(predicted - found.labels[:, 0]).mean()
    assert row["validation_r2"] == pytest.approx(1 - squared_error)
    assert row["validation_rmse"] == pytest.approx(SCALE * np.sqrt(squared_error))
    for part in ("validation", "test"):
        for table, name in ((frame, ""), (indices, "best_"), (indices, "")):
            at = "_at_50" if table is indices and not name else ""
            r2, rmse = (table[f"{part}_{name}{what}{at}"] for what in ("r2", "rmse"))
            assert np.allclose(rmse, SCALE * np.sqrt(1 - r2))
    row = trials_table(record, trial_tables(regression, record).facts).iloc[0]
    assert row["validation_rmse_exit_1"] == pytest.approx(SCALE * np.sqrt(0.5))
    assert (frame.groupby("regime")["validation_rmse"].diff().dropna() < 0).all()


def test_a_classification_has_no_errors_added(folder):
    frame = stage_frame(folder)
    assert not [name for name in frame if "rmse" in name or "r2" in name]
    assert measure(pareto_data(frame)) == "accuracy"


def stage_frame(folder):
    frontier_stage.write_frontier(folder)
    return pd.read_csv(folder / "frontier.csv")


def test_figures_are_titled_r2_and_hover_shows_rmse(regression):
    frame = stage_frame(regression)
    assert measure(pareto_data(frame)) == "R²"
    figure = pareto_chart(frame, None, ("joint",), "joint")
    assert figure.layout.yaxis.title.text == "R²"
    drawn = figure.data[0]
    assert "R² %{y:.4f}<br>RMSE %{customdata[7]:.4g}" in drawn.hovertemplate
    assert np.allclose([row[7] for row in drawn.customdata], SCALE * np.sqrt(1 - np.array(drawn.y)))
    samples = read_samples(regression)
    chosen = half_points(stage_frame(regression)).set_index("regime")
    found = samples.groupby("regime", observed=True)["score"].mean()
    assert np.allclose(found, chosen.loc[found.index, "test_r2"])
    assert read_classes(regression).empty
    page = stage.write_html(regression, Project(regression)).read_text()
    assert "R² against cost" in page
    assert "whose RMSE is" in page
    assert "majority" not in page.split(">Data and versions</h2>")[1]


def test_regimes_are_compared_by_rmse(regression):
    record, _ = frontier_stage.write_frontier(regression)
    assert every_policy(regression, record) == ["predicted_precision"]
    table = regime_table(seed_tables(regression))
    assert {"rmse_at_25", "best_rmse", "cost_at_95"} <= set(table)
    assert "best_accuracy" not in table
    assert table["seeds"].eq(1).all()
    assert (table["hypervolume_low"] < table["hypervolume"]).all()
    found = evaluations(record, [], "budgeted", True, macs(record))
    compared = policy_comparison(regression, record, found, lambda _: None)
    assert (compared["test_best_rmse"] < SCALE).all()


def test_what_is_for_classes_alone_is_refused(regression):
    record, _ = frontier_stage.write_frontier(regression)
    with pytest.raises(InputError, match="prediction sets hold classes, found a regression study"):
        coverage_table(regression, record, pd.read_csv(regression / "frontier.csv"), 0.1)
    for policy, selection, message in (
        ("max_softmax", "exact_table", "policy max_softmax is for classification"),
        ("predicted_precision", "risk_control", "for classification only, found a regression"),
    ):
        found = evaluations(record, [policy], selection, False, macs(record))
        with pytest.raises(InputError, match=message):
            policy_comparison(regression, record, found, lambda _: None)


def test_beside_a_classification_both_scores_are_named_and_not_compared(regression, tmp_path):
    record = study_record.read_study_record(regression)
    study_record.write_study_record(regression, changed(record, spec={"name": "values"}))
    frontier_stage.write_frontier(regression)
    other = make_study(tmp_path / "made-up")
    frontier_stage.write_frontier(other)
    text = write_side_by_side([regression, other], tmp_path).read_text()
    assert "The scores differ, R² (values), accuracy (made-up): hypervolumes, gains" in text
    for anchor, said in (("values", "R² on test"), ("made-up", "accuracy on test")):
        picture = text.split(f'<figure id="drawing-pareto-{anchor}"')[1].split("</figure>")[0]
        assert said in picture
    assert "R² 0, the training mean&#39;s, whose RMSE is 50" in text
    assert "accuracy 0.3333, the majority class&#39;s" in text
