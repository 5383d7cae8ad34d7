"""Parcels come back as they were, and what no worker of ours sends is refused."""

import io
import zipfile

import pytest

from harness.core.errors import DataError
from harness.study.executors import parcel

ALLOWED = ("a.json", "b.npz")


@pytest.fixture
def packed(tmp_path):
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "a.json").write_text("{}")
    (folder / "b.npz").write_bytes(bytes(range(256)) * 40)
    return parcel.pack(folder)


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "got"
    folder.mkdir()
    return folder


def archive(*entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name in entries:
            made.writestr(name, "x")
    return stream.getvalue()


def test_a_folder_comes_back_as_it_was(packed, target):
    parcel.unpack(packed, target, ALLOWED)
    assert {path.name for path in target.iterdir()} == set(ALLOWED)
    assert (target / "b.npz").read_bytes() == bytes(range(256)) * 40


@pytest.mark.parametrize("name", ["../a.json", "/etc/a.json", "x/a.json", "c.json", "a.json/"])
def test_other_names_are_refused_before_anything_is_written(target, name):
    with pytest.raises(DataError, match="which no result has"):
        parcel.unpack(archive("a.json", name), target, ALLOWED)
    assert list(target.iterdir()) == []
    assert not (target.parent / "a.json").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(target):
    with pytest.raises(DataError, match="twice"):
        parcel.unpack(archive("a.json", "a.json"), target, ALLOWED)


def test_a_link_is_written_as_a_file(target):
    entry = zipfile.ZipInfo("a.json")
    entry.external_attr = 0o120777 << 16  # as `zip --symlinks` stores one
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(entry, "/etc/passwd")
    parcel.unpack(stream.getvalue(), target, ALLOWED)
    assert not (target / "a.json").is_symlink()
    assert (target / "a.json").read_text() == "/etc/passwd"


def test_too_many_bytes_are_refused(packed, target, monkeypatch):
    monkeypatch.setattr(parcel, "LARGEST", 10_000)
    with pytest.raises(DataError, match="more than 10000 bytes"):
        parcel.unpack(packed, target, ALLOWED)


def test_damage_is_seen(packed, target):
    changed = packed.replace(bytes(range(100, 110)), bytes(10), 1)
    assert changed != packed
    for damaged in (changed, packed[:-5], b"", b"PK"):
        with pytest.raises(DataError, match="damaged"):
            parcel.unpack(damaged, target, ALLOWED)
