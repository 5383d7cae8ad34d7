"""Studies that are given regimes or seeds once they have results: what is recorded stays."""

import shutil

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from harness.analysis.frontier_stage import write_frontier
from harness.core.errors import InputError, TrialError
from harness.data.load import ensure
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.growth import Growth, spec_at
from harness.results.study_record import JOURNAL, RECORD, read_study_record
from harness.study import worker
from harness.study.plan import plan, planned_trials
from harness.study.run import LaunchOptions, run_study
from harness.study.study_file import study_of
from harness.tracking.store import Store
from tests.conftest import make_project
from tests.in_process import InProcess

BEGUN = {
    "name": "tiny",
    "split": "digits",
    "backbone": {"name": "image_cnn", "parameters": {"widths": [4, 8], "exits": 2, "pool": 2}},
    "training": {"epochs": 1, "batch_size": 64, "learning_rate": {"min": 0.002, "max": 0.05}},
    "regimes": {"joint": {}, "hard_cgt": {"tau": {"min": 0.5, "max": 0.9}}},
    "startup": 1,
    "window": 3,
    "seeds": [0],
    "run_cap": 6,
}
MORE_REGIMES = {**BEGUN, "regimes": {**BEGUN["regimes"], "mixed": {}}, "run_cap": 9}
MORE_SEEDS = {**BEGUN, "seeds": [0, 1], "run_cap": 12}
BOTH = {**MORE_REGIMES, "seeds": [0, 1], "run_cap": 18}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)


def run(project, content, **options):
    study = study_of(content, "study")
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    return run_study(project, study, manifest, LaunchOptions(**options), store, lambda _: None)


def stamps(project):
    folder = project.results / "tiny"
    return {key: (folder / "trials" / key).stat().st_mtime_ns for key in trials.stored_keys(folder)}


def settled(record):
    """What may not depend on whether a launch was stopped on its way."""
    return [(c.number, c.regime, c.keys, c.objectives, c.parameters) for c in record.configurations]


def logged(project):
    client = MlflowClient(project.tracking_uri)
    experiment = client.get_experiment_by_name("tiny")
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    return [run.data.tags["harness.kind"] for run in runs]


def test_a_regime_is_added_and_the_others_stay_as_they_are(tracked):
    first, before = run(tracked, BEGUN).record, stamps(tracked)
    record = run(tracked, MORE_REGIMES).record
    assert (record.state, record.planned) == ("done", 9)
    assert record.configurations[:6] == first.configurations
    assert [c.regime for c in record.configurations[6:]] == ["mixed"] * 3
    assert {key: stamp for key, stamp in stamps(tracked).items() if key in before} == before
    assert record.growth == (Growth(number=6, regimes=("joint", "hard_cgt"), seeds=(0,)),)
    assert read_study_record(tracked.results / "tiny").growth == record.growth
    # What is no regime's own is drawn as the others drew it at the same turn.
    rates = {
        name: next(c for c in record.configurations if c.regime == name).parameters
        for name in ("joint", "mixed")
    }
    rate = "training.learning_rate"
    assert rates["mixed"][rate] == rates["joint"][rate]
    assert logged(tracked).count("trial") == 9  # each trial is one run, of the study as begun


def test_seeds_are_added_to_what_is_recorded(tracked):
    first, before = run(tracked, BEGUN).record, stamps(tracked)
    record = run(tracked, MORE_SEEDS).record
    assert (record.state, record.planned, len(stamps(tracked))) == ("done", 12, 12)
    assert {key: stamp for key, stamp in stamps(tracked).items() if key in before} == before
    for old, new in zip(first.configurations, record.configurations, strict=True):
        assert old.keys == new.keys[:1]
        assert len(new.keys) == 2
        assert (old.objectives, old.parameters) == (new.objectives, new.parameters)
    folder = tracked.results / "tiny"
    write_frontier(folder)
    table = pd.read_csv(folder / "frontier.csv")
    assert set(table["seed"]) == {0, 1}
    assert logged(tracked).count("trial") == 12
    assert run(tracked, MORE_SEEDS).record == record


def test_a_grown_study_is_replayed_whatever_was_lost(tracked):
    run(tracked, BEGUN)
    whole = run(tracked, BOTH).record
    assert (whole.state, len(whole.configurations), len(stamps(tracked))) == ("done", 9, 18)
    folder = tracked.results / "tiny"
    (folder / JOURNAL).unlink()
    assert settled(run(tracked, BOTH).record) == settled(whole)
    # All proposals anew, from the stored trials, those of before the growth from fewer seeds.
    for name in (JOURNAL, "configurations.jsonl"):
        (folder / name).unlink()
    before = stamps(tracked)
    assert settled(run(tracked, BOTH).record) == settled(whole)
    assert stamps(tracked) == before
    # The journal alone knows what the study consisted of before.
    (folder / RECORD).unlink()
    assert settled(run(tracked, BOTH).record) == settled(whole)
    assert stamps(tracked) == before


def test_a_growth_that_was_stopped_goes_on(tracked):
    run(tracked, BEGUN)
    early = run(tracked, {**BOTH, "time_cap_minutes": 0.0001}).record
    assert early.state == "out of time"
    record = run(tracked, BOTH).record
    assert record.growth == (Growth(number=6, regimes=("joint", "hard_cgt"), seeds=(0,)),)
    assert (record.state, [c.regime for c in record.configurations[6:]]) == ("done", ["mixed"] * 3)


def test_a_study_grows_more_than_once(tracked):
    run(tracked, {**BEGUN, "run_cap": 3})
    run(tracked, {**MORE_REGIMES, "run_cap": 5})
    record = run(tracked, BOTH).record
    assert [each.number for each in record.growth] == [3, 5]
    assert [c.regime for c in record.configurations] == [
        "joint", "hard_cgt", "joint", "mixed", "hard_cgt", "mixed", "joint", "hard_cgt", "mixed",
    ]  # fmt: skip
    assert {len(c.keys) for c in record.configurations} == {2}


def test_a_trial_that_diverges_on_an_added_seed_fails_its_configuration(tracked, monkeypatch):
    run(tracked, BEGUN)
    train = worker.train

    def diverges(model, *others):
        if others[-1] == 1 and type(model.regime) is REGIMES.get("hard_cgt"):
            raise TrialError("made up")
        return train(model, *others)

    monkeypatch.setattr(worker, "train", diverges)
    record = run(tracked, MORE_SEEDS).record
    assert [(c.regime, c.reason) for c in record.failed()] == [("hard_cgt", "made up")] * 3
    assert run(tracked, MORE_SEEDS).record == record
    monkeypatch.undo()
    monkeypatch.setattr("harness.study.run.Loky", InProcess)
    again = run(tracked, MORE_SEEDS, retry_failed=True).record
    assert (again.failed(), len(stamps(tracked))) == ((), 12)
    assert again.configurations[0] == record.configurations[0]


def test_starting_over_forgets_the_growth(tracked):
    run(tracked, BEGUN)
    run(tracked, MORE_REGIMES)
    record = run(tracked, MORE_REGIMES, restart=True).record
    assert record.growth == ()
    assert [c.regime for c in record.configurations[:3]] == ["joint", "hard_cgt", "mixed"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeds": [0, 1]}, "run_cap: the 6 recorded configurations take 12 trials on seeds"),
        ({"regimes": MORE_REGIMES["regimes"]}, "of mixed take 3; found 6, raise it to 9 or more"),
        ({"regimes": {"joint": {}}}, r"(?s)trains its 6 trials.*--restart, which keeps .*-  hard"),
        ({"regimes": {"joint": {}, "hard_cgt": {"tau": {"min": 0.1, "max": 0.9}}}}, "min: 0.1"),
        ({"seeds": [1, 2]}, r"(?s)another study.*-- 0"),
    ],
)
def test_what_is_no_growth_is_refused_with_what_each_way_out_costs(tracked, change, said):
    run(tracked, BEGUN)
    before = settled(read_study_record(tracked.results / "tiny"))
    with pytest.raises(InputError, match=said):
        run(tracked, {**BEGUN, **change})
    assert settled(read_study_record(tracked.results / "tiny")) == before
    assert run(tracked, BEGUN).record.growth == ()


def test_the_plan_keeps_the_turns_that_were_taken():
    growth = (Growth(number=5, regimes=("joint", "hard_cgt"), seeds=(0,)),)
    study = study_of({**BOTH, "run_cap": 22}, "study")
    before = plan(study_of({**BEGUN, "run_cap": 5}, "study"))
    found = plan(study, growth)
    assert found[:5] == before
    assert [turn.number for turn in found] == [*range(11)]
    assert [turn.regime for turn in found[5:9]] == ["mixed", "mixed", "hard_cgt", "mixed"]
    assert planned_trials(study, growth) == 22
    assert spec_at(study, growth, 4).seeds == (0,)
    assert spec_at(study, growth, 5) is study


def test_a_database_tells_another_folder_how_a_study_grew(tracked, tmp_path, database):
    run(tracked, BEGUN, storage=database.url)
    whole = run(tracked, BOTH, storage=database.url).record
    elsewhere = make_project(tmp_path / "elsewhere")
    # The trials are copied, as from another machine; what Optuna knows is in the database.
    shutil.copytree(tracked.results / "tiny" / "trials", elsewhere.results / "tiny" / "trials")
    record = run(elsewhere, BOTH, storage=database.url).record
    assert record.growth == whole.growth
    assert settled(record) == settled(whole)
    more = run(elsewhere, {**BOTH, "run_cap": 20}, storage=database.url).record
    assert settled(more)[:9] == settled(whole)
