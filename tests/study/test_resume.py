"""What a launch finds stored: the same study, another one, or one that cannot be told."""

import pytest

from harness.core import result_format
from harness.core.errors import InputError
from harness.core.project import Project
from harness.core.result_format import RESULT_FORMAT
from harness.data.load import ensure
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.results import study_record
from harness.results.study_record import (
    CONFIGURATIONS,
    JOURNAL,
    RECORD,
    Configuration,
    append_configuration,
    write_study_record,
)
from harness.study.journal import Journal
from harness.study.resume import new_record, resume_study
from harness.study.storages.journal_file import JournalFile
from tests.damage import WAYS, deleted, garbled
from tests.made_up import MANIFEST
from tests.records import SPEC, changed, record_of

DATA = MANIFEST.model_copy(update={"counts": {"train": (4, 2, 1), "validation": (3, 2, 1)}})


def resume(project, record, restart=False):
    folder = project.results / record.name
    return resume_study(
        folder,
        new_record(record.spec, record.manifest, "cpu"),
        JournalFile(folder / JOURNAL),
        restart=restart,
        retry_failed=False,
    )


@pytest.fixture
def stored(tmp_path):
    """A project with a study of which a configuration was recorded."""
    project = Project(tmp_path)
    record = resume(project, record_of(DATA))
    folder = project.results / SPEC["name"]
    Journal(folder, record, JournalFile(folder / JOURNAL))
    write_study_record(folder, record.seen_with({"torch": "2.12"}))
    found = {"regime": "joint", "parameters": {}, "thresholds": None, "objectives": (0.5,)}
    append_configuration(folder, Configuration(number=0, keys=("k",), **found))
    return project, folder, record


def test_the_same_study_keeps_the_versions_of_its_trials(stored):
    project, _, record = stored
    assert record.versions == {}
    assert resume(project, record).versions == {"torch": ("2.12",)}


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ({"spec": {"seeds": (0, 2)}}, r"-- 1\n\+- 2"),
        (
            {"manifest": {"digest": "e" * 32}},
            rf"-data digest: {'d' * 32}\n\+data digest: {'e' * 32}",
        ),
    ],
)
@pytest.mark.parametrize("lost", [None, *WAYS])
def test_a_changed_study_is_refused_even_where_its_record_is_lost(stored, other, shown, lost):
    project, folder, record = stored
    if lost:
        lost(folder / RECORD)
    with pytest.raises(InputError, match=rf"(?s)another study of this name.*--restart.*{shown}"):
        resume(project, changed(record, **other))
    assert (folder / CONFIGURATIONS).exists()
    assert (folder / JOURNAL).exists()


def test_a_changed_reference_point_is_refused(stored):
    project, folder, record = stored
    counted = record.reference.model_copy(update={"macs": 1.0})
    write_study_record(folder, record.model_copy(update={"reference": counted}))
    with pytest.raises(InputError, match=r"(?s)What changed:.*-  macs: 1\.0\n\+  macs: "):
        resume(project, record)


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_record_is_made_anew_where_the_journal_knows_the_study(stored, way, caplog):
    project, folder, record = stored
    way(folder / RECORD)
    assert resume(project, record) == record
    assert "study.json" in caplog.text
    assert "optuna.journal says what it held" in caplog.text


@pytest.mark.parametrize("way", [deleted, garbled])
def test_configurations_of_an_unknown_study_are_not_taken_over(stored, way):
    project, folder, record = stored
    (folder / RECORD).unlink()
    way(folder / JOURNAL)
    with pytest.raises(
        InputError, match=r"optuna.journal does not say what study was searched there"
    ):
        resume(project, record)
    again = resume(project, record, restart=True)
    assert again.superseded
    assert not any((folder / name).exists() for name in (RECORD, CONFIGURATIONS, JOURNAL))


@pytest.mark.parametrize("kept", [0, 40])
def test_a_launch_that_recorded_nothing_is_gone_on_with(stored, kept):
    """The disk was full when it made its journal."""
    project, folder, record = stored
    (folder / RECORD).unlink()
    (folder / CONFIGURATIONS).unlink()
    (folder / JOURNAL).write_bytes((folder / JOURNAL).read_bytes()[:kept])
    assert resume(project, record) == record


def test_a_restart_is_remembered(stored):
    project, folder, record = stored
    other = resume(project, changed(record, spec={"seeds": (3,)}), restart=True)
    assert other.superseded
    write_study_record(folder, other)
    assert resume(project, other).superseded


STUDY = {
    "name": "tiny",
    "split": "digits",
    "regimes": {"joint": {}, "hard_cgt": {}},
    "metrics": [{"name": "accuracy_at_25", "goal": "maximize"}],
    "run_cap": 2,
}


@pytest.fixture
def reopen(project):
    """Opens the study, which is stored before, in this process."""

    def again(restart=False):
        manifest = ensure(project, "digits", None, lambda *_: None)
        return resume(project, record_of(manifest, **STUDY), restart)

    stored = again().model_copy(update={"state": "done"})
    study_record.write_study_record(project.results / "tiny", stored)
    return again


def test_an_unchanged_study_goes_on(reopen):
    assert reopen().state == "running"


@pytest.mark.parametrize(
    ("registry", "plugin"), [(REGIMES, "regime hard_cgt"), (POLICIES, "exit policy max_softmax")]
)
def test_changed_code_of_a_plugin_is_a_changed_study(reopen, monkeypatch, registry, plugin):
    before = registry.source_digest(plugin.split()[-1])
    monkeypatch.setattr(registry, "source_digest", lambda name: f"new {name}")
    with pytest.raises(InputError, match=r"another study of this name.*--restart") as caught:
        reopen()
    changed = [line for line in str(caught.value).splitlines() if line.startswith(("-", "+"))]
    assert f"-code of {plugin}: {before}" in changed
    assert f"+code of {plugin}: {registry.source_digest(plugin.split()[-1])}" in changed
    assert all("code of " in line for line in changed if line[:3] not in {"---", "+++"})


@pytest.mark.parametrize("later", [False, True])
def test_another_format_is_a_changed_study_that_restarts(project, reopen, monkeypatch, later):
    folder = project.results / "tiny"
    if later:
        monkeypatch.setattr(result_format, "RESULT_FORMAT", RESULT_FORMAT + 1)
        expected = f"-format: {RESULT_FORMAT}\n+format: {RESULT_FORMAT + 1}"
    else:
        (folder / "study.json").write_text('{"told": [], "spec": {"name": "tiny"}}')
        expected = f"-format: 2\n+format: {RESULT_FORMAT}"
    with pytest.raises(InputError) as caught:
        reopen()
    assert str(caught.value).endswith(f"What changed:\n{expected}")
    assert reopen(restart=True).format == result_format.RESULT_FORMAT
    assert list(folder.glob("*.json*")) == []
