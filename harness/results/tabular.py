"""Reader and writer of stored tables (CSV and Parquet)."""

import io
from collections.abc import Collection
from pathlib import Path

import pandas as pd
from pandas.api.types import is_numeric_dtype

from harness.core.errors import DataError
from harness.core.files import atomic_file, read_bytes, reason_of

_LEVEL = 15
"""Of zstd: the smallest files before it takes long, as git keeps some of them."""
_COUNT = "samples"


def write_table(
    path: Path,
    table: pd.DataFrame,
    distinct: Collection[str] = (),
    counted: Collection[str] = (),
) -> None:
    """Write a table atomically, its format by the name's suffix; equal tables make equal files.

    Parameters
    ----------
    distinct
        Of a Parquet file, columns of floats that hardly repeat: their bytes are kept apart.
    counted
        Columns of whole numbers that count up: their differences are kept.
    """
    with atomic_file(path) as temporary:
        if path.suffix != ".parquet":
            table.to_csv(temporary, index=False)
            return
        encodings = {
            **dict.fromkeys(distinct, "BYTE_STREAM_SPLIT"),
            **dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
        }
        table.to_parquet(
            temporary,
            index=False,
            compression="zstd",
            compression_level=_LEVEL,
            use_dictionary=[str(name) for name in table if name not in encodings],
            column_encoding=encodings or None,
        )


def read_table(
    path: Path, remedy: str, needed: Collection[str] = (), text: Collection[str] = ()
) -> pd.DataFrame:
    """A table, its format by the name's suffix.

    Parameters
    ----------
    remedy
        What to do where the file is missing or damaged, for the message.
    needed
        Columns that must be there and have a value in every row; where one of them is `samples`,
        numbers may be missing in rows of no samples.
    text
        Columns of a CSV file that hold text: all others hold numbers.

    Raises
    ------
    DataError
        The file is missing, cut or damaged, or lacks a column.
    InputError
        It may not be read.
    """
    content = read_bytes(path, f"not there yet; {remedy}")
    parquet = path.suffix == ".parquet"
    if not (parquet or content.endswith(b"\n")):
        raise DataError(f"{path}: its last line is cut off; {remedy}")
    try:
        stream = io.BytesIO(content)
        if parquet:
            table = pd.read_parquet(stream)
        else:
            table = pd.read_csv(stream, dtype=dict.fromkeys(text, str))
    except Exception as error:  # a damaged file may raise any
        raise DataError(f"{path}: not a readable table ({reason_of(error)}); {remedy}") from None
    if fault := _fault(table, needed, text, () if parquet else set(map(str, table)) - set(text)):
        raise DataError(f"{path}: {fault}; {remedy}")
    return table


def _fault(
    table: pd.DataFrame, needed: Collection[str], text: Collection[str], numeric: Collection[str]
) -> str | None:
    """What is wrong with a table's columns; None where nothing is."""
    if lacking := [name for name in needed if name not in table]:
        return f"it lacks the columns {', '.join(lacking)}"
    # A class that a spatial split leaves no test sample has no mean over them.
    counted = table[table[_COUNT] != 0] if _COUNT in needed else table
    gaps = [n for n in needed if (table if n in text else counted)[n].isna().any()]
    if gaps:
        return f"values are missing in column {gaps[0]}"
    if strange := sorted(n for n in numeric if len(table) and not is_numeric_dtype(table[n])):
        return f"no numbers in column {strange[0]}"
    return None
