"""Reading a study file, and what differs between two studies."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pydantic
import yaml

from harness.core.errors import InputError
from harness.core.parameters import explain
from harness.core.study_spec import StudySpec


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
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such study file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(plain, dict):
        raise InputError(f"{path}: a study file is a mapping, found {type(plain).__name__}")
    for override in overrides:
        _assign(plain, override)
    try:
        return StudySpec.model_validate(plain)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, str(path))) from None


def _assign(plain: dict[str, object], override: str) -> None:
    dotted, equals, text = override.partition("=")
    if not equals or not dotted:
        raise InputError(f"--set {override}: write it as a.b=value")
    *parents, last = dotted.split(".")
    section: dict[str, object] = plain
    for parent in parents:
        inner = section.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise InputError(f"--set {override}: {parent} is a value, not a section")
        section = inner
    try:
        section[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"--set {override}: {text!r} is not valid YAML: {error}") from None


def difference(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """The changed lines between two study identities, as a unified diff without context."""
    old, new = (yaml.safe_dump(dict(side), sort_keys=True).splitlines() for side in (before, now))
    lines = difflib.unified_diff(old, new, "stored study", "study file", n=1, lineterm="")
    return "\n".join(lines)
