"""Records: plain data kept as JSON, a file or a line each, written and read by pydantic."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pydantic

from harness.core.errors import DataError
from harness.core.faults import explain
from harness.core.files import read_bytes, write_text

_T = TypeVar("_T")


class Record(pydantic.BaseModel):
    """Frozen plain data that refuses unknown fields; infinities are stored as text."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


_ADAPTERS: dict[type[object], pydantic.TypeAdapter[Any]] = {}


def adapter_of(kind: type[_T]) -> pydantic.TypeAdapter[_T]:
    """The pydantic adapter that validates and serialises a `Record` or a frozen dataclass."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = pydantic.TypeAdapter(kind)
    found: pydantic.TypeAdapter[_T] = _ADAPTERS[kind]
    return found


def write_record(path: Path, record: object, indent: int | None = 1) -> None:
    """Write a record as JSON, atomically; without an indent it is not for people to read."""
    text = adapter_of(type(record)).dump_json(record, indent=indent).decode()
    write_text(path, f"{text}\n")


def read_record(
    path: Path, kind: type[_T], otherwise: str = "no such file", remedy: str = ""
) -> _T:
    """Read what `write_record` wrote.

    Parameters
    ----------
    otherwise
        Message where the file does not exist.
    remedy
        What to do where it is damaged, for the message.

    Raises
    ------
    DataError
        The file is missing or not JSON, or a field is missing, unknown or of the wrong type: the
        message names file and field.
    InputError
        It may not be read.
    """
    return _parse(read_bytes(path, otherwise), kind, str(path), remedy)


def append_record(path: Path, record: object) -> None:
    """Append a record to a file of JSON lines."""
    with path.open("a", encoding="utf-8") as stream:
        stream.write(record_lines([record]))


def record_lines(records: Iterable[object]) -> str:
    """Records as JSON lines, each with its end."""
    return "".join(f"{adapter_of(type(each)).dump_json(each).decode()}\n" for each in records)


def read_record_lines(
    path: Path, kind: type[_T], otherwise: str = "no such file", remedy: str = ""
) -> Iterator[_T]:
    """Read JSON lines one by one; a last line without its end is still being written.

    Parameters and errors are those of `read_record`; an error comes at the first damaged line, with
    its number.
    """
    return parsed_lines(read_bytes(path, otherwise), kind, path, remedy)


def parsed_lines(content: bytes, kind: type[_T], path: Path, remedy: str = "") -> Iterator[_T]:
    """The records of a file's content, as `read_record_lines` reads them."""
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        yield _parse(line, kind, f"{path}: line {number}", remedy)


def _parse(content: bytes, kind: type[_T], where: str, remedy: str) -> _T:
    try:
        return adapter_of(kind).validate_json(content)
    except pydantic.ValidationError as error:
        # The whole content would be the input that is at fault.
        if (found := error.errors(include_input=False)[0])["type"] == "json_invalid":
            fault = f"{where}: not JSON ({found['msg']})"
        else:
            first, *others = explain(error, where).splitlines()
            fault = f"{first} (and {len(others)} more)" if others else first
    raise DataError(f"{fault}; {remedy}" if remedy else fault)
