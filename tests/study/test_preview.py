"""What a launch would refuse is known beforehand, without a file being written."""

import socket
from dataclasses import replace

import numpy as np
import pytest
import yaml

from harness.core.errors import DataError, InputError
from harness.results.launch_lock import only_launch
from harness.study.executors.profile import make_profile
from harness.study.preview import check_launch
from harness.study.run import LaunchOptions
from harness.study.slots import CPU
from harness.study.study_file import read_study

FILE = "studies/tiny.yaml"


def files(project):
    return {path: path.stat().st_mtime_ns for path in project.root.rglob("*") if path.is_file()}


def preview(project, *overrides, mirror=None, **options):
    study = read_study(project.root / FILE, overrides)
    before = files(project)
    try:
        return check_launch(project, study, FILE, LaunchOptions(**options), mirror).notes
    finally:
        assert files(project) == before


def test_the_same_study_passes_with_remarks_on_its_networks(own_confirmed):
    notes = preview(own_confirmed.project)
    assert notes[0].startswith("exits of the network cost ")


def test_a_different_study_is_refused_with_the_difference(own_confirmed):
    project = own_confirmed.project
    with pytest.raises(InputError, match=r"(?s)another study of this name.*--restart.*\+- 3"):
        preview(project, "seeds=[3]")
    preview(project, "seeds=[3]", restart=True)
    preview(project, "seeds=[3]", "name=other")


def test_a_study_that_is_held_is_refused(own_confirmed):
    with only_launch(own_confirmed.folder), pytest.raises(InputError, match="another launch of"):
        preview(own_confirmed.project)


def test_more_workers_than_the_window_are_refused(own_confirmed):
    with pytest.raises(InputError, match="--workers 9: the study proposes 8"):
        preview(own_confirmed.project, slots=(CPU,) * 9)


def test_data_that_are_not_prepared_are_said_and_the_stored_study_compared(own_confirmed):
    project = own_confirmed.project
    (project.prepared / "digits" / "manifest.json").unlink()
    (note,) = preview(project)
    assert note.startswith("split digits is not prepared: a launch fetches and prepares it first")
    with pytest.raises(InputError, match="another study of this name"):
        preview(project, "seeds=[3]")


def test_damaged_data_are_refused_and_not_moved(own_confirmed, tmp_path):
    project = own_confirmed.project
    raw = project.raw / "indian_pines" / "Indian_pines_gt.npy"
    raw.parent.mkdir(parents=True)
    np.save(raw, np.zeros(3))
    cube = "backbone={name: spectral_cnn}"
    with pytest.raises(
        DataError, match=r"Indian_pines_gt.npy: its digest .* not one of indian_pin"
    ):
        preview(project, "split=indian_pines-spectrum-10", cube, "name=other")
    raw.unlink()
    preview(project, "split=indian_pines-spectrum-10", cube, "name=other")  # from a package
    for mirror in (tmp_path, None):
        asked = ("split=fashion_mnist", "name=other")
        if mirror is None:
            preview(project, *asked)  # by download
            continue
        with pytest.raises(DataError, match="not in the mirror"):
            preview(project, *asked, mirror=mirror)


def test_a_changed_split_is_prepared_anew(own_confirmed):
    project = own_confirmed.project
    plain = yaml.safe_load(project.splits.read_text())
    plain["splits"]["digits"]["seed"] = 7
    project.splits.write_text(yaml.safe_dump(plain))
    assert "is not prepared" in preview(project)[0]


def test_a_scheduler_that_does_not_answer_is_refused(own_confirmed):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        profile = make_profile({"scheduler": f"tcp://127.0.0.1:{port}"}, "options")
        preview(own_confirmed.project, cluster=profile)
    with pytest.raises(InputError, match=rf"--scheduler tcp://127.0.0.1:{port}: no answer"):
        preview(own_confirmed.project, cluster=profile)


def test_a_database_is_read_and_left_as_it_was(own_confirmed, database):
    project = own_confirmed.project
    preview(project, storage=database.url)
    assert not database.ask("SELECT 1 FROM pg_tables WHERE tablename = 'studies'")
    with pytest.raises(InputError, match="--storage postgresql://"):
        preview(project, storage=replace(database, name="nowhere").url)
