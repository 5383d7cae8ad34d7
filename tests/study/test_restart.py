"""What a restart would keep and delete is what it then keeps and deletes."""

import pytest

from harness.data.prepare import read_manifest
from harness.results import trials
from harness.results.study_record import JOURNAL
from harness.study import restart
from harness.study.resume import new_record, planned_restart
from harness.study.run import LaunchOptions, run_study
from harness.study.storages.journal_file import JournalFile
from harness.study.study_file import read_study
from harness.tracking.store import Store
from tests.in_process import InProcess


def planned(study, *overrides, **options):
    spec = read_study(study.project.studies / "tiny.yaml", overrides)
    manifest = read_manifest(study.project.prepared, spec.split)
    record = new_record(spec, manifest, "cpu")
    return (
        spec,
        manifest,
        planned_restart(study.folder, record, JournalFile(study.folder / JOURNAL), **options),
    )


def test_the_same_study_is_not_started_over(own_confirmed):
    assert planned(own_confirmed)[-1] is None


@pytest.mark.parametrize(
    ("change", "kept"),
    [("seeds=[7]", 0), ("regimes={joint: {}, boosted: {}}", 2), ("training.epochs=1", 0)],
)
def test_what_is_kept_is_what_the_new_study_has_too(own_confirmed, monkeypatch, change, kept):
    study, folder = own_confirmed, own_confirmed.folder
    before = trials.stored_keys(folder)
    spec, manifest, plan = planned(study, change)
    assert (plan.stored, plan.kept, plan.planned) == (4, kept, 4)
    assert plan.changed.startswith("--- stored study")
    assert plan.stored_bytes > plan.kept_bytes >= kept
    assert trials.stored_keys(folder) == before
    monkeypatch.setattr("harness.study.run.Loky", InProcess)
    store = Store(study.project.tracking_uri, study.project.artifacts)
    run_study(study.project, spec, manifest, LaunchOptions(restart=True), store, lambda _: None)
    assert len({*before} & {*trials.stored_keys(folder)}) >= kept


def test_a_search_that_takes_long_is_repeated_only_in_part(own_confirmed):
    assert planned(own_confirmed, "regimes={joint: {}, boosted: {}}", patience=0.0)[-1].kept == 0
    assert restart.PATIENCE > 0


def test_a_damaged_trial_is_none_to_keep_on_from(own_confirmed):
    for key in trials.stored_keys(own_confirmed.folder):
        (trials.trial_folder(own_confirmed.folder, key) / "outputs.npz").write_bytes(b"")
    assert planned(own_confirmed, "regimes={joint: {}, boosted: {}}")[-1].stored == 4
