import pytest

from harness.core.errors import DataError, InputError
from harness.core.records import (
    Record,
    append_record,
    read_record,
    read_record_lines,
    record_lines,
    write_record,
)
from tests.damage import WAYS


class Sample(Record):
    name: str
    shares: tuple[float, ...]


def test_what_is_written_is_read_again(tmp_path):
    kept = Sample(name="a", shares=(0.1, 2**-52, float("inf")))
    write_record(tmp_path / "sample.json", kept)
    assert read_record(tmp_path / "sample.json", Sample) == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"sample\.json: no such file"),
        ("{", r"sample\.json: .*Invalid JSON"),
        ('{"name": "a"}', r"sample\.json: shares: Field required"),
        ('{"name": 1, "shares": []}', r"sample\.json: name: .*found 1"),
        ('{"name": "a", "shares": [], "other": 1}', r"sample\.json: other: .*found 1"),
    ],
)
def test_missing_and_damaged_records_are_clear_errors(tmp_path, text, message):
    path = tmp_path / "sample.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_record(path, Sample)


@pytest.mark.parametrize(
    "text", ["[" * 100_000 + "]" * 100_000, '{"name": ' * 500, "\0", "[]", "null"]
)
def test_what_is_no_such_record_is_told_in_a_short_line(tmp_path, text):
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(DataError, match=r"s\.json: .*; make it anew$") as caught:
        read_record(tmp_path / "s.json", Sample, remedy="make it anew")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("way", WAYS)
def test_damage_is_named_with_the_way_out(tmp_path, way):
    path = tmp_path / "s.json"
    write_record(path, Sample(name="a", shares=tuple(range(20))))
    way(path)
    with pytest.raises(DataError, match=r"^\S*s\.json: .*make it anew|a folder lies in place"):
        read_record(path, Sample, "make it anew", "make it anew")


def test_lines_are_read_until_the_first_damaged_one(tmp_path):
    path, kept = tmp_path / "s.jsonl", [Sample(name=name, shares=()) for name in "abc"]
    path.write_text(record_lines(kept[:2]))
    append_record(path, kept[2])
    assert list(read_record_lines(path, Sample)) == kept
    with path.open("a") as stream:
        stream.write('{"name": "still being wri')
    assert list(read_record_lines(path, Sample)) == kept
    lines = path.read_text().split("\n")
    path.write_text("\n".join([lines[0], "{", *lines[2:]]))
    found = read_record_lines(path, Sample, remedy="make it anew")
    assert next(found) == kept[0]
    with pytest.raises(DataError, match=r"s\.jsonl: line 2: not JSON .*; make it anew"):
        next(found)
