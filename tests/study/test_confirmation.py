"""A search confirmed on fresh seeds: to the end, stopped, changed, failing."""

import os
import signal
from dataclasses import replace

import pandas as pd
import pytest
import yaml
from mlflow.tracking import MlflowClient

from harness.core.errors import DataError, InputError, NoSplitError
from harness.data.load import ensure
from harness.data.named_splits import find_split
from harness.data.prepare import read_split_indices
from harness.regimes import REGIMES
from harness.results import trials
from harness.results.confirmation import confirmation_folder, confirmed, read_test_samples
from harness.results.failures import Failure, FailureFacts, write_failure
from harness.results.study_record import read_study_record, write_study_record
from harness.study import confirmation as module
from harness.study import run
from harness.study.candidates import candidates
from harness.study.confirmation import ConfirmationPlan, fresh_splits
from harness.study.executors import TrialOutcome
from harness.study.run import LaunchOptions, confirm_study, run_study
from harness.study.scoring import Scorer
from harness.study.study_file import read_study
from harness.tracking.store import Store
from tests.in_process import InProcess

STUDY = """
name: tiny
description: A study for tests.
expected_duration: seconds
split: small
backbone: {name: image_cnn, parameters: {widths: [4, 8], exits: 2, pool: 2}}
training: {epochs: 1, batch_size: 128, learning_rate: {min: 0.002, max: 0.05}}
regimes: {joint: {}, mixed: {}}
method: random
window: 3
seeds: [3]
run_cap: 4
confirm: {seeds: 2, candidates: [50]}
"""


class Site:
    """A project with a study, launched and confirmed in this process."""

    def __init__(self, project, monkeypatch):
        self.project = project
        self.store = Store(project.tracking_uri, project.artifacts)
        self.folder = project.results / "tiny"
        self.confirmation = confirmation_folder(self.folder)
        self.file = project.root / "studies" / "tiny.yaml"
        self.file.write_text(STUDY)
        splits = yaml.safe_load(project.splits.read_text())
        splits["splits"]["small"] = splits["splits"]["digits"] | {"train": 0.1, "validation": 0.2}
        project.splits.write_text(yaml.safe_dump(splits))
        self.trained = []
        monkeypatch.setattr(run, "Loky", InProcess)
        work = run.run_task

        def counted(task, **where):
            self.trained += task
            return work(task, **where)

        monkeypatch.setattr(run, "run_task", counted)

    def search(self, *changes):
        study = read_study(self.file, changes)
        manifest = ensure(self.project, study.split, None, lambda *_: None)
        where = (self.project, study, manifest, LaunchOptions(), self.store, lambda _: None)
        return run_study(*where).record

    def fresh(self, record=None):
        searched = record or read_study_record(self.folder)
        nothing = lambda *_: None  # noqa: E731
        return fresh_splits(self.project, searched, None, nothing, nothing)

    def plan(self):
        search = read_study_record(self.folder)
        chosen = candidates(search, Scorer(search, self.folder))
        return ConfirmationPlan(search, chosen, self.fresh())

    def confirm(self, plan=None, watch=lambda _: None, **options):
        self.trained.clear()
        plan, options = plan or self.plan(), LaunchOptions(**options)
        return confirm_study(self.project, plan, options, self.store, watch)

    @property
    def seeds(self):
        return [spec.seed for spec in self.trained]


@pytest.fixture
def site(tracked, monkeypatch):
    return Site(tracked, monkeypatch)


def test_candidates_are_trained_on_fresh_seeds_each_with_its_split(site):
    search = site.search()
    outcome = site.confirm()
    record = outcome.record
    assert (record.state, record.planned, outcome.logging_fault) == ("done", 4, None)
    assert confirmed(site.folder) == record.model_copy(update={"recorded": 2})
    assert sorted(site.seeds) == [1000, 1000, 1001, 1001]
    chosen = site.plan().chosen
    assert record.fresh.candidates == tuple(each.number for each in chosen)
    assert record.fresh.searched == search.recorded_digest()
    for own, searched in zip(record.configurations, chosen, strict=True):
        assert (own.regime, own.parameters) == (searched.regime, searched.parameters)
        assert own.objectives is not None
        for seed, key in zip((1000, 1001), own.keys, strict=True):
            spec = trials.read_trial(site.confirmation, key).spec
            assert (spec.seed, spec.split) == (seed, f"small@{seed}")
            assert spec.digest == record.fresh.digests[seed]
            assert spec.training["learning_rate"] == own.parameters["training.learning_rate"]
    for seed, samples in read_test_samples(site.confirmation, record).items():
        indices = read_split_indices(site.project.prepared, f"small@{seed}")
        assert samples.tolist() == indices.test.tolist()
    assert len(set(record.fresh.digests.values()) | {search.manifest.digest}) == 3

    client = MlflowClient(site.project.tracking_uri)
    experiment = client.get_experiment_by_name("tiny").experiment_id
    first, second = client.search_runs([experiment], "tags.`harness.kind` = 'launch'")
    assert [run.data.params["stage"] for run in (first, second)] == ["confirmation", "search"]
    logged = client.search_runs([experiment], "tags.`harness.kind` = 'trial'")
    below = [run for run in logged if run.data.tags["mlflow.parentRunId"] == first.info.run_id]
    keys = {key for each in record.configurations for key in each.keys}
    assert {run.data.tags["key"] for run in below} == keys
    data = first.inputs.dataset_inputs[0].dataset
    assert data.digest == record.data_digest != search.manifest.digest

    again = site.confirm()
    assert (site.trained, again.record) == ([], record)


def test_each_search_has_its_own_seeds_and_candidates(site):
    site.search("searches=2", "run_cap=8")
    record = site.confirm().record
    assert record.fresh.searches == ((1000, 1001), (2000, 2001))
    assert [(c.regime, c.search) for c in record.configurations] == [
        ("joint", 0), ("joint", 1), ("mixed", 0), ("mixed", 1)
    ]  # fmt: skip
    for each in record.configurations:
        specs = [trials.read_trial(site.confirmation, key).spec for key in each.keys]
        assert tuple(spec.seed for spec in specs) == record.fresh.searches[each.search]
    assert record.units() == {1000: 0, 1001: 0, 2000: 1, 2001: 1}
    assert record.fresh.configurations == 2


def test_the_fewest_configurations_of_a_regime_that_has_more_are_recorded(site):
    """Where learning rates are of a range there are always more, of two values there are two."""
    rates = "training.learning_rate={values: [0.01, 0.02]}"

    def fewest(counts, *changes):
        record = searched_record(site, *changes)
        numbers = [key for key, count in counts.items() for _ in range(count)]
        found = [
            module.Configuration(
                number=number, regime=regime, search=search, parameters={}, keys=("k",),
                thresholds=None, objectives=(0.5,),
            )
            for number, (regime, search) in enumerate(numbers)
        ]  # fmt: skip
        record = record.model_copy(update={"configurations": tuple(found)})
        return module._fewest_configurations(record)

    assert fewest({("joint", 0): 3, ("mixed", 0): 5}) == 3
    twice = {("joint", 0): 3, ("joint", 1): 2, ("mixed", 0): 4, ("mixed", 1): 5}
    assert fewest(twice, "searches=2", "run_cap=14") == 2
    # Where a search tried all that there are, more cannot be asked for.
    assert fewest({("joint", 0): 2, ("mixed", 0): 2}, rates) is None
    assert fewest({("joint", 0): 2, ("mixed", 0): 1}, rates) == 1
    # A search that has not come to a regime tried nothing of it.
    del twice["mixed", 1]
    assert fewest(twice, "searches=2", "run_cap=9") == 0


def searched_record(site, *changes):
    """The record of a search that found nothing."""
    study = read_study(site.file, changes)
    manifest = ensure(site.project, study.split, None, lambda *_: None)
    spec = manifest.spec.model_copy(update={"seed": 1001})
    return module.StudyRecord(
        spec=study,
        manifest=manifest.model_copy(update={"spec": spec}),
        reference={"macs": 1.0, "score": 0.1},
        planned=0,
        state="done",
        versions={},
        sources={},
    )


def test_fresh_seeds_are_neither_searched_ones_nor_the_split_s(site):
    found = site.fresh(searched_record(site, "seeds=[1000, 1003]"))
    assert (found.searches, found.skipped) == (((1002, 1004),), ())
    assert list(found.manifests) == [1002, 1004]


def test_one_split_may_stay(site):
    record = searched_record(site, "confirm.resplit=false")
    found = site.fresh(record)
    assert {each.name for each in found.manifests.values()} == {"small"}
    assert {each.digest for each in found.manifests.values()} == {record.manifest.digest}
    site.search("confirm.resplit=false")
    done = site.confirm().record
    assert {spec.split for spec in site.trained} == {"small"}
    assert done.data_digest == done.manifest.digest
    assert "fresh seeds [1000, 1001]" in done.caption
    assert "drawn anew" not in done.caption


def test_a_seed_that_gives_no_split_is_passed_over_and_named(site, monkeypatch):
    def refused(project, name, mirror, progress):
        seed = find_split(project.splits, name).seed
        if seed in bad:
            raise NoSplitError(f"{name}: a class has no training sample")
        return ensure(project, name, mirror, progress)

    monkeypatch.setattr(module, "ensure", refused)
    record, bad = searched_record(site), {1000, 1002}
    found = site.fresh(record)
    assert found.searches == ((1003, 1004),)
    assert found.skipped == tuple(
        f"small@{n}: a class has no training sample" for n in (1000, 1002)
    )
    bad = range(1000, 2000)
    with pytest.raises(NoSplitError, match="small@1003: a class has no training sample"):
        site.fresh(record)


def test_a_damaged_split_is_no_reason_for_another_seed(site):
    record = searched_record(site)
    found = site.fresh(record)
    path = site.project.prepared / "small@1000" / "manifest.json"
    path.write_text("{")
    with pytest.raises(DataError, match=r"small@1000.*`harness data prepare small@1000`"):
        site.fresh(record)
    path.unlink()
    assert site.fresh(record) == found


def test_a_stopped_confirmation_goes_on_and_trains_nothing_twice(site):
    site.search()

    def stop(progress):
        if progress.done == 2:
            os.kill(os.getpid(), signal.SIGINT)

    outcome = site.confirm(watch=stop)
    assert (outcome.record.state, outcome.signal) == ("interrupted", signal.SIGINT)
    assert confirmed(site.folder) is None
    first = list(site.trained)
    assert 2 <= len(first) < 4
    record = site.confirm().record
    assert record.state == "done"
    assert sorted(s.key for s in (*first, *site.trained)) == sorted(
        key for each in record.configurations for key in each.keys
    )


def test_a_lost_record_is_made_anew_of_its_trials(site):
    site.search()
    before = site.confirm().record
    (site.confirmation / "study.json").write_text("{")
    (site.confirmation / "configurations.jsonl").write_text("")
    assert site.confirm().record.configurations == before.configurations
    assert site.trained == []


@pytest.mark.job
def test_after_more_search_other_candidates_begin_anew_with_equal_trials(site):
    site.search("run_cap=2")
    before = site.confirm().record
    site.search("confirm.candidates=[11, 100]", "run_cap=12")
    with pytest.raises(InputError, match="the search went on since it was confirmed"):
        confirmed(site.folder)
    plan = site.plan()
    assert len(plan.chosen) > 1
    # The configuration that was there before stays a candidate, the other does not.
    first = plan.search.configurations[0]
    chosen = (first, *(each for each in plan.chosen if each.number > 1))
    record = site.confirm(replace(plan, chosen=chosen)).record
    assert record.state == "done"
    assert record.configurations[0].keys == before.configurations[0].keys
    assert not set(before.configurations[0].keys) & {spec.key for spec in site.trained}
    kept = {key for each in record.configurations for key in each.keys}
    assert set(trials.stored_keys(site.confirmation)) == kept
    assert not set(before.configurations[1].keys) & kept
    assert not record.superseded


@pytest.mark.parametrize(("resplit", "company"), [("true", ()), ("false", (1000, 1001))])
def test_fresh_seeds_train_together_where_they_share_a_split(site, resplit, company):
    site.search("stack=2", "seeds=[0, 1]", "run_cap=4", f"confirm.resplit={resplit}")
    assert {spec.company for spec in site.trained} == {(0, 1)}
    assert site.confirm().record.state == "done"
    assert {spec.company for spec in site.trained} == {company}


def test_what_diverges_is_recorded_as_failed_and_retried_on_demand(site, monkeypatch):
    site.search()
    work = run.run_task

    def diverging(task, **place):
        (spec,) = task
        if spec.regime.name == "joint" and spec.seed == 1001:
            facts = FailureFacts(spec=spec, reason="not finite", seconds=1.0, versions={})
            write_failure(
                place["study_folder"], Failure(facts, pd.DataFrame({"train_loss": [1.0]}))
            )
            return (TrialOutcome(spec.key, "diverged", "not finite"),)
        return work(task, **place)

    with monkeypatch.context() as patch:
        patch.setattr(run, "run_task", diverging)
        record = site.confirm().record
    assert record.state == "done"
    (failed,) = record.failed()
    assert (failed.regime, failed.reason) == ("joint", "not finite")
    assert confirmed(site.folder).configurations == record.configurations
    assert site.confirm().record.configurations == record.configurations
    assert site.trained == []
    again = site.confirm(retry_failed=True).record
    assert again.failed() == ()
    assert site.seeds == [1001]


def test_other_code_than_that_of_the_search_is_refused(site, monkeypatch):
    site.search()
    plan = site.plan()
    monkeypatch.setattr(REGIMES, "source_digest", lambda name: f"new {name}")
    with pytest.raises(InputError, match=r"(?s)searched by other code; .*--restart.*new mixed"):
        site.confirm(plan)
    assert not site.confirmation.exists()


def test_a_search_is_no_confirmation(site):
    record = searched_record(site)
    with pytest.raises(InputError, match="a confirmation expected, found a search"):
        module.fresh_trials(record, None)
    write_study_record(site.folder, record)
    assert confirmed(site.folder) is None
