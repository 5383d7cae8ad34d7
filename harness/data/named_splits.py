"""The splits by their names: those of `params.yaml`, and the same drawn with another seed."""

from collections.abc import Mapping
from pathlib import Path

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.manifest import SEEDS, SplitSpec
from harness.core.records import adapter_of
from harness.core.settings import FolderName
from harness.core.yaml_file import read_yaml


def read_splits(path: Path) -> Mapping[str, SplitSpec]:
    """All splits of `params.yaml`.

    Raises
    ------
    InputError
        The file is missing or not YAML, or a split has an unknown field, an invalid value, or a
        name that is no folder's.
    """
    plain = read_yaml(path)
    splits = plain.get("splits") if isinstance(plain, dict) else None
    if not isinstance(splits, dict):
        raise InputError(f"{path}: needs a mapping `splits:`")
    try:
        return adapter_of(dict[FolderName, SplitSpec]).validate_python(splits)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, f"{path}: splits", splits)) from None


def redrawn(name: str, seed: int) -> str:
    """Name of a split of `params.yaml` drawn with another seed, which `find_split` knows too."""
    return f"{name}@{seed}"


def find_split(path: Path, name: str) -> SplitSpec:
    """One split of `params.yaml`, or as `NAME@SEED` the same drawn with another seed.

    Raises
    ------
    InputError
        There is none of this name: the message lists those known.
    """
    splits = read_splits(path)
    base, _, seed = name.partition("@")
    if name not in splits and base in splits and _is_seed(seed):
        return splits[base].model_copy(update={"seed": int(seed)})
    if name not in splits:
        raise InputError(f"{path}: no split {name!r}; known: {', '.join(splits)}")
    return splits[name]


def _is_seed(text: str) -> bool:
    short = text.isascii() and text.isdecimal() and len(text) <= len(str(SEEDS))
    return short and int(text) < SEEDS
