"""Records: plain data kept as JSON files, written and read by pydantic."""

from pathlib import Path
from typing import Any, TypeVar

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.files import write_text

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


def read_record(path: Path, kind: type[_T], otherwise: str = "no such file") -> _T:
    """Read what `write_record` wrote.

    Parameters
    ----------
    otherwise
        Message where the file does not exist.

    Raises
    ------
    InputError
        The file is missing or not JSON, or a field is missing, unknown or of the wrong type: the
        message names file and field.
    """
    try:
        return adapter_of(kind).validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{path}: {otherwise}") from None
    except pydantic.ValidationError as error:
        raise InputError(explain(error, str(path))) from None
