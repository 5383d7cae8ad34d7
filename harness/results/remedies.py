"""What to do where a file of a study, or of its confirmation, is missing or damaged.

Each is made by a command of its own: to launch a study does not bring back its confirmation, nor
one that was imported.
"""

from pathlib import Path

IMPORT = "import.json"
"""File that says of a study that it was imported, and what was said of it."""
CONFIRMATION = "confirmation"
"""Folder of a study's confirmation, within its own."""


def study_name(folder: Path) -> str:
    """The study of a folder that may be its confirmation's."""
    return folder.parent.name if folder.name == CONFIRMATION else folder.name


def _imported_again(folder: Path) -> str | None:
    """How an imported study is made again, all of it; None for one that was launched."""
    study = folder.parent if folder.name == CONFIRMATION else folder
    if not (study / IMPORT).is_file():
        return None
    return f"delete {study} and `harness import {study.name}` its outputs again"


def recorded_again(folder: Path) -> str:
    """How a study's record, or that of its confirmation, is made again."""
    if imported := _imported_again(folder):
        return imported
    if folder.name == CONFIRMATION:
        return f"`harness confirm {study_name(folder)}` makes it anew: no trial is trained twice"
    return "launch the study again (--restart where that is refused): no trial is trained twice"


def trained_again(folder: Path) -> str:
    """How a trial of a study's folder, or of its confirmation's, is made again."""
    if imported := _imported_again(folder):
        return imported
    if folder.name == CONFIRMATION:
        return f"`harness confirm {study_name(folder)}` trains missing and damaged trials anew"
    return "launch the study again: it trains missing and damaged trials anew"


def begun_anew(folder: Path) -> str:
    """How what another version of harness stored there is replaced."""
    if imported := _imported_again(folder):
        return imported
    if folder.name == CONFIRMATION:
        return f"`harness confirm {study_name(folder)}` begins it anew"
    return "`harness launch` the study with --restart"
