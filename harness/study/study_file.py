"""Reading a study file, and what differs between two studies."""

import copy
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain, nearest, shortened
from harness.core.study_spec import StudySpec
from harness.core.yaml_file import parse_yaml, read_yaml, write_yaml


def read_study(path: Path, overrides: Sequence[str] = ()) -> StudySpec:
    """Read and check a study file.

    Parameters
    ----------
    overrides
        `a.b=c` assignments applied before the check; values are YAML.

    Raises
    ------
    InputError
        The file is missing, no YAML, or a field is unknown or has a value that is not allowed.
    """
    return study_of(read_yaml(path, f"no such study file{_meant(path)}"), str(path), overrides)


def study_of(content: object, where: str, overrides: Sequence[str] = ()) -> StudySpec:
    """The study of what a study file holds.

    Parameters
    ----------
    content
        Plain data, as YAML gives them.
    where
        What holds it, for messages.
    overrides
        As in `read_study`.

    Raises
    ------
    InputError
        It is no mapping, or a field is unknown or has a value that is not allowed.
    """
    if not isinstance(content, Mapping):
        raise InputError(f"{where}: a study file is a mapping, found {type(content).__name__}")
    plain = copy.deepcopy(dict(content))
    for override in overrides:
        _assign(plain, override)
    try:
        return StudySpec.model_validate(plain)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, where, plain)) from None


def _meant(path: Path) -> str:
    """The study file that a mistyped path probably stands for, to follow a message."""
    folders = (path.parent, path.parent / "studies")
    files = [file for folder in folders for file in folder.glob("*.yaml")]
    named = {name: str(file) for file in files for name in (file.name, file.stem)}
    near = nearest(path.name, named)
    return "" if near is None else f"; did you mean {named[near]}?"


def _assign(plain: dict[str, object], override: str) -> None:
    dotted, equals, text = override.partition("=")
    where = f"--set {shortened(override)}"
    try:
        override.encode()
    except UnicodeEncodeError:  # a terminal gives bytes that are no text as halves of characters
        raise InputError(f"{where}: not UTF-8") from None
    if not equals or not dotted:
        raise InputError(f"{where}: write it as a.b=value")
    *parents, last = dotted.split(".")
    section: dict[str, object] = plain
    for parent in parents:
        inner = section.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise InputError(f"{where}: {shortened(parent)} is a value, not a section")
        section = inner
    section[last] = parse_yaml(text, where)


def difference(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """The changed lines between two study identities, as a unified diff without context."""
    old, new = (write_yaml(dict(side)).splitlines() for side in (before, now))
    lines = difflib.unified_diff(old, new, "stored study", "study file", n=1, lineterm="")
    return "\n".join(lines)
