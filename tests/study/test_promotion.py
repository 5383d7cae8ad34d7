"""Which configurations are trained further: against brute force, and in whole launches."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis.frontier_stage import write_frontier
from harness.analysis.pairs import seed_tables
from harness.core.errors import InputError, TrialError
from harness.core.project import Project
from harness.core.types import Frontier
from harness.data.load import ensure
from harness.report.sheets import regime_sheets
from harness.results import trials
from harness.results.extent import furthest, planned_now
from harness.results.study_record import CONFIGURATIONS, JOURNAL
from harness.results.tables import read_seeds
from harness.study import worker
from harness.study.candidates import candidates
from harness.study.executors.loky import Loky
from harness.study.interrupt import Stopped
from harness.study.plan import plan_notes, smoke
from harness.study.promotion import Standing, _Rung, standing
from harness.study.run import LaunchOptions, run_study
from harness.study.scoring import Scorer
from harness.study.slots import CPU
from harness.study.study_file import study_of
from harness.tracking.store import Store
from tests.conftest import make_project, with_tables
from tests.in_process import InProcess

FULL = {
    "name": "tiny",
    "split": "digits",
    "backbone": {"name": "image_cnn", "parameters": {"widths": [4, 8], "exits": 2, "pool": 2}},
    "training": {"epochs": 1, "batch_size": 64, "learning_rate": {"min": 0.0005, "max": 0.05}},
    "regimes": {"joint": {}, "hard_cgt": {"tau": {"min": 0.5, "max": 0.9}}},
    "startup": 2,
    "window": 2,
    "seeds": [0, 1, 2],
    "run_cap": 42,
}
PROMOTED = {**FULL, "promote": {"after": 1, "keep": 0.5}}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)


def run(project, content, watch=lambda _: None, workers=1, **options):
    study = study_of(content, "study")
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    chosen = LaunchOptions((CPU,) * workers, **options)
    return run_study(project, study, manifest, chosen, store, watch).record


POINTS = st.lists(
    st.tuples(*[st.integers(0, 5).map(lambda v: v / 5)] * 2), min_size=1, max_size=4
).map(np.array)
STANDINGS = st.lists(
    st.tuples(st.integers(0, 5), st.lists(POINTS, min_size=2, max_size=2)), min_size=1, max_size=12
)


def dominated(point, others):
    """Whether one of the others is at least as good a point."""
    return any(cost <= point[0] and score >= point[1] for cost, score in others)


@given(STANDINGS, st.integers(1, 4), st.sampled_from([0.25, 0.5, 0.75]))
def test_who_goes_on_is_as_by_brute_force(found, window, keep):
    rung = _Rung(window)
    for number, (area, points) in enumerate(found):
        horizon = number - window
        seen = found[: max(horizon + 1, 0)]
        better = sum(other > area for other, _ in seen)
        expected = better < keep * (len(seen) + 1) or any(
            not dominated(point, [p for _, other in seen for p in other[seed]])
            for seed in (0, 1)
            for point in points[seed]
        )
        own = Standing(float(area), tuple(map(_front, points)))
        assert rung.goes_on(own, keep, horizon) == expected
        rung.add(number, own)


@settings(max_examples=200)
@given(STANDINGS, st.integers(1, 4))
def test_what_is_not_promoted_has_no_point_on_a_frontier_of_the_first_seeds(found, window):
    rung, promoted = _Rung(window), []
    for number, (area, points) in enumerate(found):
        own = Standing(float(area), tuple(map(_front, points)))
        promoted.append(rung.goes_on(own, 0.5, number - window))
        rung.add(number, own)
    for seed in (0, 1):
        every = [tuple(p) for _, points in found for p in points[seed]]
        kept = [
            tuple(p)
            for (_, points), goes_on in zip(found, promoted, strict=True)
            if goes_on
            for p in points[seed]
        ]
        assert {p for p in every if not dominated(p, set(every) - {p})} <= set(kept)


def _front(points):
    return np.array([p for p in points if not dominated(p, [q for q in points if any(q != p)])])


def test_a_standing_is_the_mean_over_seeds_of_each_seed_s_own_hypervolume():
    def front(cost, score):
        return Frontier(np.empty((1, 0)), np.array([score]), np.array([cost]))

    found = standing([[front(0.5, 0.9), front(0.75, 0.8)], [front(0.25, 0.5)]], floor=0.1)
    assert found.hypervolume == pytest.approx((0.5 * 0.8 + 0.75 * 0.4) / 2)
    assert [len(each) for each in found.fronts] == [1, 1]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, mlflow_tables):
    """A study of which a part was promoted: its project, and its record."""
    project = with_tables(make_project(tmp_path_factory.mktemp("promoted") / "p"), mlflow_tables)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("harness.study.run.Loky", InProcess)
        return project, run(project, PROMOTED)


@pytest.fixture
def promoted(undisturbed, tmp_path, monkeypatch):
    """A copy of it, in the current folder."""
    shutil.copytree(undisturbed[0].root, tmp_path / "copied")
    monkeypatch.chdir(tmp_path / "copied")
    return Project(tmp_path / "copied"), undisturbed[1]


def test_the_better_part_is_trained_on_all_seeds(promoted):
    project, record = promoted
    folder = project.results / "tiny"
    assert (record.state, len(record.configurations)) == ("done", 14)
    assert {len(c.keys) for c in record.configurations} == {1, 3}
    assert 2 <= len(furthest(record.succeeded())) < 14
    stored = trials.stored_keys(folder)
    assert record.planned == len(stored) == sum(len(c.keys) for c in record.configurations) < 42
    scorer = Scorer(record, folder)
    for each in record.configurations:
        assert each.screened.rung == (len(each.keys) == 3)
        first = scorer.summary(each.keys[0], None).metrics["hypervolume"]
        assert each.screened.hypervolumes == (pytest.approx(first, rel=1e-12),)
        ended = [trials.read_trial(folder, key).spec.seed for key in each.keys]
        assert ended == [0, 1, 2][: len(ended)]
    # The file and Optuna's storage say the same of it.
    line = json.loads((folder / CONFIGURATIONS).read_text().splitlines()[0])
    assert line["screened"] == {
        "rung": 1,
        "hypervolumes": list(record.configurations[0].screened.hypervolumes),
    }
    assert '"screened"' in (folder / JOURNAL).read_text()
    before = sorted(path.stat().st_mtime_ns for path in folder.glob("trials/*"))
    assert run(project, PROMOTED).configurations == record.configurations
    assert sorted(path.stat().st_mtime_ns for path in folder.glob("trials/*")) == before


def test_a_study_without_promotion_draws_the_same_at_first_and_says_nothing_of_it(promoted):
    project, record = promoted
    whole = run(project, {**FULL, "name": "tiny", "run_cap": 12}, restart=True)
    for one, other in zip(whole.configurations[:4], record.configurations[:4], strict=True):
        assert (one.parameters, one.keys) == (other.parameters, other.keys)
    folder = project.results / "tiny"
    for name in (CONFIGURATIONS, JOURNAL, "study.json"):
        text = (folder / name).read_text()
        assert "screened" not in text
        assert "promote" not in text


def stops_after(number):
    """Lets a launch go on until so many trials are done, then ends it as a signal would."""

    def watch(progress):
        if progress.done + progress.failed >= number:
            raise Stopped(15)

    return watch


@pytest.mark.parametrize(
    ("number", "lost"), [(1, ()), (5, (JOURNAL,)), (9, (JOURNAL, CONFIGURATIONS))]
)
def test_a_launch_that_was_stopped_decides_the_same(promoted, number, lost):
    project, whole = promoted
    folder = project.results / "tiny"
    for name in (JOURNAL, CONFIGURATIONS, "study.json"):
        (folder / name).unlink()
    for each in folder.glob("trials/*"):
        if int(each.name, 16) % 3 == number % 3:  # trained anew
            shutil.rmtree(each)
    early = run(project, PROMOTED, watch=stops_after(number))
    assert early.state == "interrupted"
    for name in lost:
        (folder / name).unlink(missing_ok=True)
    assert run(project, PROMOTED).configurations == whole.configurations


@pytest.mark.job
def test_two_workers_decide_as_one(promoted, monkeypatch):
    project, whole = promoted
    monkeypatch.setattr("harness.study.run.Loky", Loky)
    folder = project.results / "tiny"
    shutil.rmtree(folder / "trials")
    for name in (JOURNAL, CONFIGURATIONS, "study.json"):
        (folder / name).unlink()
    assert run(project, PROMOTED, workers=2).configurations == whole.configurations


def test_a_record_that_was_changed_is_refused(promoted):
    project, record = promoted
    folder = project.results / "tiny"
    (folder / JOURNAL).unlink()
    lines = (folder / CONFIGURATIONS).read_text().splitlines()
    number = next(n for n, c in enumerate(record.configurations) if c.screened.rung == 0)
    changed = record.configurations[number].model_copy(
        update={
            "screened": record.configurations[number].screened.model_copy(
                update={"hypervolumes": (0.99,)}
            )
        }
    )
    lines[number] = changed.model_dump_json()
    (folder / CONFIGURATIONS).write_text("\n".join(lines) + "\n")
    said = rf"configuration {number} is recorded as one that does not go on, of hypervolume 0.99"
    with pytest.raises(InputError, match=said):
        run(project, PROMOTED)


def test_who_fails_on_another_seed_has_failed_and_holds_nobody_back(tracked, monkeypatch):
    train = worker.train

    def diverges(model, *others):
        if others[-1] == 1:
            raise TrialError("made up")
        return train(model, *others)

    monkeypatch.setattr(worker, "train", diverges)
    record = run(tracked, {**PROMOTED, "run_cap": 18})
    assert {c.reason for c in record.failed()} == {"made up"}
    # With nobody to be compared with, everyone is promoted.
    assert [(len(c.keys), c.screened.rung) for c in record.configurations] == [(3, 1)] * 6
    monkeypatch.undo()
    monkeypatch.setattr("harness.study.run.Loky", InProcess)
    monkeypatch.chdir(tracked.root)
    again = run(tracked, {**PROMOTED, "run_cap": 18}, retry_failed=True)
    assert (again.failed(), again.state) == ((), "done")


def test_all_that_follows_copes_with_unequal_seeds(promoted):
    project, record = promoted
    folder = project.results / "tiny"
    write_frontier(folder)
    full = {c.number for c in furthest(record.succeeded())}
    # On every seed the frontiers consist of promoted configurations alone.
    rows = read_seeds(folder)
    assert set(rows["configuration"]) <= full
    assert set(rows["seed"]) == {0, 1, 2}
    assert seed_tables(folder).rests_on == "n = 3 searched seeds"
    (sheet,) = regime_sheets([folder]).sheets
    assert f"{len(full)} of 14 configurations were promoted to all seeds (joint " in sheet.note
    assert {c.number for c in candidates(record, Scorer(record, folder))} <= full


def test_seeds_and_regimes_are_added_to_a_study_that_promotes(promoted):
    project, record = promoted
    more = {
        **PROMOTED,
        "seeds": [0, 1, 2, 3],
        "run_cap": 60,
        "regimes": {**FULL["regimes"], "mixed": {}},
    }
    grown = run(project, more)
    assert grown.state == "done"
    before = zip(record.configurations, grown.configurations, strict=False)
    for old, new in before:
        assert (old.screened, old.objectives) == (new.screened, new.objectives)
        assert new.keys[: len(old.keys)] == old.keys
        assert len(new.keys) == (4 if old.screened.rung else 1)
    assert {c.regime for c in grown.configurations[14:]} >= {"mixed"}
    assert run(project, more).configurations == grown.configurations
    with pytest.raises(InputError, match=r"(?s)another study of this name.*trains up to"):
        run(project, {**PROMOTED, "seeds": [3, 0, 1, 2], "run_cap": 60})
    with pytest.raises(InputError, match=r"(?s)another study of this name.*\+  keep: 0.7"):
        run(project, {**PROMOTED, "promote": {"keep": 0.7}})


def test_the_first_seeds_train_apart_from_a_stack_of_the_others(tracked):
    stacked = {**PROMOTED, "stack": 3, "regimes": {"joint": {}}, "run_cap": 24}
    record, folder = run(tracked, stacked), tracked.results / "tiny"
    for each in record.configurations:
        companies = [trials.read_trial(folder, key).spec.company for key in each.keys]
        assert companies == [(), (1, 2), (1, 2)][: len(each.keys)]
    assert {len(each.keys) for each in record.configurations} == {1, 3}
    assert record.planned == len(trials.stored_keys(folder)) < 24
    assert run(tracked, stacked).configurations == record.configurations


def test_progress_counts_down_what_is_not_promoted(tracked):
    seen = []
    record = run(tracked, PROMOTED, watch=seen.append)
    planned = [each.planned for each in seen]
    assert planned[0] == 42
    assert planned[-1] == record.planned
    assert planned == sorted(planned, reverse=True)
    half = record.model_copy(
        update={"configurations": record.configurations[:9], "planned": 42, "state": "interrupted"}
    )
    spared = sum(3 - len(c.keys) for c in half.configurations)
    assert planned_now(half) == 42 - spared


def test_the_plan_says_what_is_certain():
    (note,) = plan_notes(study_of(PROMOTED, "study"))
    assert note.startswith("promote: 14 of the 42 trials are on seeds 0, of all configurations; ")
    assert "about 28 trials in all where 50% do" in note
    assert smoke(study_of(PROMOTED, "study")).promote is None


@pytest.mark.parametrize(
    ("promote", "said"),
    [
        ({"after": 3}, "promote.after: must be less than the number of seeds, found 3"),
        ({"after": 0}, "promote.after"),
        ({"keep": 1.0}, "promote.keep"),
        ({"share": 0.5}, "share"),
    ],
)
def test_what_cannot_be_promoted_by_is_refused(promote, said):
    with pytest.raises(InputError, match=said):
        study_of({**FULL, "promote": promote}, "study")
