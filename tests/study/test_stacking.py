"""Studies whose seeds train together: launched whole, cut off, grown, changed."""

import shutil

import pytest

from harness.core.errors import HarnessError, InputError
from harness.data.load import ensure
from harness.results import trials
from harness.study import stack_worker
from harness.study.run import LaunchOptions, run_study
from harness.study.study_file import study_of
from harness.tracking.store import Store
from tests.in_process import InProcess
from tests.study.test_growth import BEGUN, settled, stamps

STACKED = {
    **BEGUN,
    "regimes": {"joint": {}, "meta_weighted": {}},
    "seeds": [0, 1, 2],
    "stack": 2,
    "window": 2,
    "run_cap": 12,
}
OUTPUTS = ("weights.npz", "outputs.npz", "test.npz")


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)


def run(project, content, **options):
    study = study_of(content, "study")
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    return run_study(
        project, study, manifest, LaunchOptions(**options), store, lambda _: None
    ).record


def specs(project):
    folder = project.results / "tiny"
    return [trials.read_trial(folder, key).spec for key in trials.stored_keys(folder)]


def companies(project, regime):
    return sorted((s.seed, s.company) for s in specs(project) if s.regime.name == regime)


def contents(project):
    folder = project.results / "tiny" / "trials"
    return {path.relative_to(folder): path.read_bytes() for name in OUTPUTS
            for path in folder.glob(f"*/{name}")}  # fmt: skip


def test_seeds_train_together_and_what_cannot_trains_alone(tracked):
    record = run(tracked, STACKED)
    assert record.state == "done"
    assert len(record.succeeded()) == 4
    twice = [(0, (0, 1)), (1, (0, 1)), (2, ())]
    assert companies(tracked, "joint") == sorted([*twice, *twice])
    assert {company for _, company in companies(tracked, "meta_weighted")} == {()}
    assert run(tracked, STACKED).configurations == record.configurations


def test_a_trial_of_a_stack_that_is_lost_is_made_again_as_it_was(tracked):
    record = run(tracked, STACKED)
    before, times = contents(tracked), stamps(tracked)
    lost = next(spec for spec in specs(tracked) if spec.company and spec.seed == 1)
    shutil.rmtree(trials.trial_folder(tracked.results / "tiny", lost.key))
    assert settled(run(tracked, STACKED)) == settled(record)
    assert contents(tracked) == before
    after = stamps(tracked)
    assert {key for key in after if after[key] != times[key]} == {lost.key}


def test_a_launch_that_is_cut_off_in_a_stack_goes_on_to_the_same_results(tracked, monkeypatch):
    write, written = stack_worker.write_trained, []

    def cut_off(*arguments):
        if written:
            raise OSError(28, "No space left on device")
        written.append(write(*arguments))

    with monkeypatch.context() as patch:
        patch.setattr(stack_worker, "write_trained", cut_off)
        with pytest.raises(HarnessError, match="No space left"):
            run(tracked, STACKED)
    (key,) = [spec.key for spec in specs(tracked) if spec.company]
    first = stamps(tracked)[key]
    record = run(tracked, STACKED)
    assert stamps(tracked)[key] == first
    found = contents(tracked)
    shutil.rmtree(tracked.results / "tiny")
    assert settled(run(tracked, STACKED)) == settled(record)
    assert contents(tracked) == found


def test_added_seeds_leave_companies_as_they_are(tracked):
    two = {**STACKED, "seeds": [0, 1, 2], "regimes": {"joint": {}}, "run_cap": 6}
    before = run(tracked, two)
    times = stamps(tracked)
    grown = run(tracked, {**two, "seeds": [0, 1, 2, 3, 4], "run_cap": 10})
    assert len(grown.succeeded()) == len(before.succeeded()) == 2
    once = [(0, (0, 1)), (1, (0, 1)), (2, ()), (3, (3, 4)), (4, (3, 4))]
    assert companies(tracked, "joint") == sorted([*once, *once])
    assert {key: stamps(tracked)[key] for key in times} == times


def test_a_stack_makes_another_study(tracked):
    without = {name: value for name, value in STACKED.items() if name != "stack"}
    run(tracked, without)
    with pytest.raises(InputError, match="stack"):
        run(tracked, STACKED)


def test_a_study_without_a_stack_says_nothing_of_one():
    without = study_of({name: value for name, value in STACKED.items() if name != "stack"}, "study")
    assert "stack" not in without.identity()
    assert "stack" not in without.model_dump_json()
    assert study_of(STACKED, "study").identity()["stack"] == 2
