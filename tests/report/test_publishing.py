"""What MLflow shows of a study: computed from known frontiers, then read back from a store."""

import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from harness.analysis.frontier_stage import write_validation_tables
from harness.core.errors import InputError
from harness.frontier.pareto import hypervolume
from harness.frontier.staircase import area, staircase
from harness.report.publishing import publish_study, summary
from harness.results import study_record, trials
from harness.results.launches import Origin, add_launch, origin_of, read_launches
from harness.results.tables import read_frontier, read_regime_indices
from harness.tracking.publish import put_summary
from harness.tracking.runs import Tracker
from harness.tracking.store import Store
from harness.tracking.trial_log import TrialLog
from tests.tracking.conftest import LAUNCH, METRICS


@pytest.fixture(scope="module")
def store(tmp_path_factory, mlflow_tables):
    folder = tmp_path_factory.mktemp("store")
    shutil.copy(mlflow_tables, folder / "mlflow.db")
    return Store(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")


def summary_of(folder, tables=None):
    return summary(study_record.read_study_record(folder), tables or folder, ())


@pytest.fixture
def folder_logged(store, reported, tmp_path):
    """The study's folder, logged by two launches; a colleague logged a study of its name since."""
    folder = shutil.copytree(reported.folder, tmp_path / "made-up")
    record = study_record.read_study_record(folder)
    (key, *_) = record.succeeded()[0].keys
    trial = TrialLog(trials.read_trial(folder, key).spec, 0, METRICS, pd.DataFrame(), None)
    for token in (add_launch(folder), add_launch(folder), "a colleague"):
        tracker = Tracker(store, origin_of(folder, record), LAUNCH)
        tracker.log_trial(token, trial)
        tracker.finish_launch(token, {"hypervolume": 0.5}, "done")
    return folder


def run_of(store, kind, token):
    """The run of a launch, or of its only trial."""
    client = MlflowClient(store.uri)
    experiment = client.get_experiment_by_name("made-up").experiment_id
    wanted = f"tags.`harness.kind` = '{kind}' AND tags.`harness.launch` = '{token}'"
    (run,) = client.search_runs([experiment], wanted)
    return run


def cells(note):
    rows = [re.findall(r"[^|`]+", line.replace(" ", "")) for line in note.splitlines()]
    return [
        row for row in rows if len(row) == 7 and row[0] != "regime" and not row[0].startswith(":-")
    ]


def test_the_table_has_a_row_per_regime_by_test_hypervolume(reported):
    folder = reported.folder
    indices = read_regime_indices(folder).set_index("regime")
    rows = cells(summary_of(folder).note)
    ordered = indices["test_hypervolume"].sort_values(ascending=False)
    assert [row[0] for row in rows] == list(ordered.index)
    for name, number, hypervolumes, *accuracies in rows:
        expected = indices.loc[name]
        assert int(number) == expected["trials"]
        assert float(hypervolumes) == pytest.approx(expected["test_hypervolume"], abs=5e-5)
        for value, budget in zip(accuracies, ("at_25", "at_50", "at_75"), strict=False):
            over = expected[f"test_spent_{budget}"] > int(budget.removeprefix("at_")) / 100
            assert value.endswith("†") == over
            reached = float(value.removesuffix("†"))
            assert reached == pytest.approx(expected[f"test_accuracy_{budget}"], abs=5e-5)
    note = summary_of(folder).note
    for words in ("A <b>study</b>", "split s", "seeds [0, 1]", "data digest dddddddddddd"):
        assert words in note


def test_figures_are_of_each_regime_and_of_all_together(reported):
    folder = reported.folder
    metrics, indices = summary_of(folder).metrics, read_regime_indices(folder).set_index("regime")
    for regime, row in indices.iterrows():
        for figure in ("validation_hypervolume", "test_hypervolume", "test_accuracy_at_25"):
            assert metrics[f"{figure}/{regime}"] == row[figure]
    frame = read_frontier(folder)
    cost, accuracy = (frame[f"validation_{name}"].to_numpy() for name in ("cost", "accuracy"))
    expected = hypervolume(cost, accuracy, 1.0, 1 / 3)
    assert metrics["validation_hypervolume"] == pytest.approx(expected)
    # On test of the points that validation chooses among those of all regimes.
    steps = staircase(cost, accuracy, frame["test_accuracy"].to_numpy())
    assert metrics["test_hypervolume"] == area(steps, 1 / 3)


def test_the_trials_of_the_frontiers_are_named(reported):
    folder = reported.folder
    found = summary_of(folder)
    assert found.pareto == set(read_frontier(folder)["key"])
    assert all(path.is_file() for path in (*found.pages, *found.tables))


def test_before_the_frontier_stage_nothing_is_of_test(folder, tmp_path):
    target = tmp_path / "validation"
    target.mkdir()
    write_validation_tables(folder, target)
    found = summary_of(folder, target)
    assert not [name for name in found.metrics if name.startswith("test")]
    assert "On validation; `harness frontier` evaluates on test" in found.note
    assert len(cells(found.note)) == 3


def test_published_on_the_newest_own_launch_once_and_again(store, folder_logged):
    folder = folder_logged
    pages = (folder / "report.html",)
    for _ in range(2):
        publish_study(folder, folder, store, pages)
    client = MlflowClient(store.uri)
    older, newest = read_launches(folder)
    run = run_of(store, "launch", newest)
    launched = run.info.run_id
    note = run.data.tags["mlflow.note.content"]
    where = f"#/experiments/{run.info.experiment_id}/runs/{launched}/artifacts/report.html"
    assert f"[report.html]({where})" in note
    assert f"#/experiments/{run.info.experiment_id}/runs?viewStateShareKey=" in note
    roots = [file.path for file in client.list_artifacts(launched)]
    assert sorted(roots) == ["figures", "pareto.html", "pareto.png", "report.html", "tables"]
    figures = {file.path for file in client.list_artifacts(launched, "figures")}
    assert {"figures/routing.png", "figures/reliability.png"} <= figures
    tables = [file.path for file in client.list_artifacts(launched, "tables")]
    assert sorted(tables) == ["tables/frontier.csv", "tables/indices.csv"]
    assert len(client.get_metric_history(launched, "test_hypervolume/joint")) == 1
    changed = replace(summary_of(folder), metrics={"test_hypervolume/joint": 0.25})
    put_summary(store, origin_of(folder, study_record.read_study_record(folder)), changed)
    assert client.get_run(launched).data.metrics["test_hypervolume/joint"] == 0.25

    for token in (older, "a colleague"):
        tags = run_of(store, "launch", token).data.tags
        assert tags["mlflow.note.content"] == LAUNCH.note
    assert run_of(store, "trial", newest).data.tags["pareto"] in {"true", "false"}
    assert "pareto" not in run_of(store, "trial", "a colleague").data.tags


def test_a_study_that_mlflow_does_not_know_is_reported(reported, store):
    with pytest.raises(InputError, match="no launch of other; `harness sync other` logs it"):
        put_summary(store, Origin("other", "i", ()), summary_of(reported.folder))
