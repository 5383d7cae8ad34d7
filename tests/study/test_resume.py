"""What a launch finds stored: the same study, another one, or one that cannot be told."""

import pytest

from harness.core.errors import InputError
from harness.core.project import Project
from harness.results.study_record import (
    CONFIGURATIONS,
    JOURNAL,
    RECORD,
    Configuration,
    append_configuration,
    write_study_record,
)
from harness.study.journal import Journal
from harness.study.resume import resume_study
from tests.damage import WAYS, deleted, garbled
from tests.made_up import MANIFEST
from tests.records import SPEC, changed, record_of

DATA = MANIFEST.model_copy(update={"counts": {"train": (4, 2, 1), "validation": (3, 2, 1)}})


def resume(project, record, restart=False):
    return resume_study(project, record.spec, record.manifest, restart)


@pytest.fixture
def stored(tmp_path):
    """A project with a study of which a configuration was recorded."""
    project = Project(tmp_path)
    record = resume(project, record_of(DATA))
    folder = project.results / SPEC["name"]
    Journal(folder, record)
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
        ({"spec": {"seeds": (0, 1, 2)}}, r"\+- 2"),
        ({"manifest": {"digest": "e" * 32}}, rf"-  digest: {'d' * 32}\n\+  digest: {'e' * 32}"),
        ({"manifest": {"source": {"file": "of elsewhere"}}}, r"\+    file: of elsewhere"),
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
    assert "made anew; optuna.journal says what it held" in caplog.text


@pytest.mark.parametrize("way", [deleted, garbled])
def test_configurations_of_an_unknown_study_are_not_taken_over(stored, way):
    project, folder, record = stored
    (folder / RECORD).unlink()
    way(folder / JOURNAL)
    with pytest.raises(InputError, match=r"no journal says what study was searched there"):
        resume(project, record)
    again = resume(project, record, restart=True)
    assert again.restarted
    assert not any((folder / name).exists() for name in (RECORD, CONFIGURATIONS, JOURNAL))


def test_a_restart_is_remembered(stored):
    project, folder, record = stored
    other = resume(project, changed(record, spec={"seeds": (3,)}), restart=True)
    assert other.restarted
    write_study_record(folder, other)
    assert resume(project, other).restarted
