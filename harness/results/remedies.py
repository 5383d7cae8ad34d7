"""What to do where a file of a study, or of its confirmation, is missing or damaged.

Each is made by a command of its own: to launch a study does not bring back its confirmation.
"""

from pathlib import Path

CONFIRMATION = "confirmation"
"""Folder of a study's confirmation, within its own."""


def study_name(folder: Path) -> str:
    """The study of a folder that may be its confirmation's."""
    return folder.parent.name if folder.name == CONFIRMATION else folder.name


def recorded_again(folder: Path) -> str:
    """How a study's record, or that of its confirmation, is made again."""
    if folder.name == CONFIRMATION:
        return f"`harness confirm {study_name(folder)}` makes it anew: no trial is trained twice"
    return "launch the study again (--restart where that is refused): no trial is trained twice"


def trained_again(folder: Path) -> str:
    """How a trial of a study's folder, or of its confirmation's, is made again."""
    if folder.name == CONFIRMATION:
        return f"`harness confirm {study_name(folder)}` trains missing and damaged trials anew"
    return "launch the study again: it trains missing and damaged trials anew"


def begun_anew(folder: Path) -> str:
    """How what another version of harness stored there is replaced."""
    if folder.name == CONFIRMATION:
        return f"`harness confirm {study_name(folder)}` begins it anew"
    return "`harness launch` the study with --restart"
