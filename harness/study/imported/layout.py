"""Where the outputs of each network lie: REGIME/CONFIGURATION/SEED.npz below a folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydantic

from harness.core.errors import InputError
from harness.core.manifest import SEEDS
from harness.core.records import adapter_of
from harness.core.settings import FolderName

LAYOUT = "REGIME/CONFIGURATION/SEED.npz"
_SEED = re.compile(r"0|[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class Place:
    """A network's place in a study: how it was trained, under which settings, with which seed.

    Attributes
    ----------
    path
        Of the file that holds its outputs.
    """

    regime: str
    configuration: str
    seed: int
    path: Path


def in_order(configuration: str, regime: str) -> tuple[list[tuple[int, str]], str]:
    """What configurations are sorted by: their names, numbers in them by size, then regimes.

    Examples
    --------
    >>> sorted(["b", "10", "9"], key=lambda name: in_order(name, "joint"))
    ['9', '10', 'b']
    """
    parts = re.findall(r"\d+|\D+", configuration)
    return [(int(p), "") if p.isdecimal() else (10**100, p) for p in parts], regime


def found_places(folder: Path) -> tuple[Place, ...]:
    """The networks of a folder, in the order of their configurations, regimes and seeds.

    Hidden files are passed over, and so is what is neither a folder nor an npz file.

    Raises
    ------
    InputError
        There is no such folder, no network in it, an npz file elsewhere than the layout has it, or
        a name that is no regime's, configuration's or seed's.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; it holds {LAYOUT}")
    found = []
    for regime in _folders(folder):
        for configuration in _folders(regime):
            for path in _shown(configuration):
                if path.is_dir():
                    raise InputError(f"{path}: a folder in place of SEED.npz; {LAYOUT} is wanted")
                if path.suffix == ".npz":
                    found.append(Place(regime.name, configuration.name, _seed(path), path))
    if not found:
        raise InputError(f"{folder}: no network in it; {LAYOUT} is wanted, one file per network")
    return tuple(sorted(found, key=lambda p: (in_order(p.configuration, p.regime), p.seed)))


def _folders(folder: Path) -> Iterator[Path]:
    """The folders below one, whose names are checked."""
    for path in _shown(folder):
        if path.is_dir():
            try:
                adapter_of(FolderName).validate_python(path.name)
            except pydantic.ValidationError:
                raise InputError(
                    f"{path}: the name of a regime or configuration begins with a letter or digit "
                    "and holds letters, digits, _, . and - alone, at most 100"
                ) from None
            yield path
        elif path.suffix == ".npz":
            raise InputError(f"{path}: does not lie where networks do, {LAYOUT}")


def _shown(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _seed(path: Path) -> int:
    if not _SEED.fullmatch(path.stem) or int(path.stem) >= SEEDS:
        raise InputError(f"{path}: named after its seed, a whole number from 0 to {SEEDS - 1}")
    return int(path.stem)
