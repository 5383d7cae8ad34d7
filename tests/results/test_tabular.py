import numpy as np
import pandas as pd
import pytest

from harness.core.errors import DataError
from harness.results.tabular import read_table, write_table
from tests.damage import WAYS

TABLE = pd.DataFrame({"name": ["1e5", "b", "c"] * 20, "cost": [1.0, 0.1, 3.0] * 20, "n": [1] * 60})


@pytest.fixture(params=["csv", "parquet"])
def path(request, tmp_path):
    path = tmp_path / f"t.{request.param}"
    TABLE.to_csv(path, index=False) if request.param == "csv" else TABLE.to_parquet(path)
    return path


def read(path, needed=("name", "cost")):
    return read_table(path, "make it", needed, text=("name",))


def test_what_was_written_is_read(path):
    pd.testing.assert_frame_equal(read(path), TABLE)


def test_names_that_look_like_numbers_stay_names(tmp_path):
    (tmp_path / "t.csv").write_text("name,cost\n1234567890123456,1\n12e4567890123456,2\n")
    assert list(read(tmp_path / "t.csv")["name"]) == ["1234567890123456", "12e4567890123456"]


@pytest.mark.parametrize("way", WAYS)
def test_damage_is_named_with_the_way_out(path, way):
    way(path)
    with pytest.raises(DataError, match=r"^\S*t\.(csv|parquet): ") as caught:
        read(path)
    assert "make it" in str(caught.value) or "a folder lies in place" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name,cost\na,1", "its last line is cut off"),
        ("name,price\na,1\n", "it lacks the columns cost"),
        ("name,cost\na,\nb,1\n", "values are missing in column cost"),
        ("name,cost,n\na,1,x\n", "no numbers in column n"),
    ],
)
def test_what_pandas_would_take_is_refused(tmp_path, text, fault):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=f"{fault}; make it"):
        read(tmp_path / "t.csv")


def test_a_row_of_no_samples_need_not_have_their_mean(tmp_path):
    file, needed = tmp_path / "t.csv", ("class", "samples", "mean")
    file.write_text("class,samples,mean\noats,0,\nwheat,3,1.5\n")
    assert read_table(file, "make it", needed, ("class",))["mean"].isna().tolist() == [True, False]
    for text in ("oats,0,\nwheat,3,\n", ",0,\nwheat,3,1.5\n", "oats,,\nwheat,3,1.5\n"):
        file.write_text(f"class,samples,mean\n{text}")
        with pytest.raises(DataError, match="values are missing in column"):
            read_table(file, "make it", needed, ("class",))


def test_a_table_without_rows_is_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("name,cost\n")
    assert read(tmp_path / "t.csv").empty


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_equal_tables_are_written_as_equal_files_and_read_as_they_were(tmp_path, name):
    table = TABLE.assign(cost=np.linspace(0, 1, 60), n=np.arange(60))
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        write_table(tmp_path / place / name, table.copy(), distinct=("cost",), counted=("n",))
    one, two = (tmp_path / place / name for place in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    pd.testing.assert_frame_equal(read_table(one, "make it", text=("name",)), table)
