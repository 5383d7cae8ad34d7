import pytest

from harness.core.errors import InputError
from harness.core.records import Record, read_record, write_record


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
