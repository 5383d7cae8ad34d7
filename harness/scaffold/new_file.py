"""A new plug-in or study from the template of its kind."""

import keyword
from collections.abc import Mapping
from pathlib import Path

from harness.core.errors import InputError
from harness.core.files import write_text
from harness.core.project import Project

KINDS: Mapping[str, str] = {
    "regime": "regimes",
    "dataset": "datasets",
    "backbone": "backbones",
    "policy": "policies",
    "selection": "selections",
    "study": "studies",
}
"""What can be made, and the folder of its files."""
TEMPLATES = Path(__file__).with_name("templates")
_NAMED = "template"
"""Name of everything in the templates."""


def new_file(project: Project, kind: str, name: str) -> Path:
    """Write a plug-in or a study that runs as it is; the file.

    Parameters
    ----------
    kind
        One of `KINDS`.
    name
        Of the plug-in or study, and of its file.

    Raises
    ------
    InputError
        The name is not allowed, or taken.
    """
    study = kind == "study"
    if not study and (not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_")):
        raise InputError(
            f"{name!r}: a plug-in is a Python module, whose name has letters, digits and "
            "underscores, and begins with a letter"
        )
    folder = project.studies if study else project.plugins / KINDS[kind]
    template = TEMPLATES / KINDS[kind] / ("template.yaml" if study else "template.py")
    path = folder / f"{name}{template.suffix}"
    if path.exists():
        raise InputError(f"{path}: it is there already")
    if not study:
        _check_free(KINDS[kind], name)
    text = template.read_text(encoding="utf-8")
    class_name = "".join(part.capitalize() for part in name.split("_"))
    text = text.replace(_NAMED.capitalize(), class_name).replace(_NAMED, name)
    write_text(path, text)
    return path


def _check_free(kind: str, name: str) -> None:
    """Refuse the name of another plug-in; raises InputError."""
    from harness.core.external_plugins import external_plugins, folder_of
    from harness.core.plugin_files import KINDS as PACKAGES

    origins = dict(external_plugins(kind))
    packaged = folder_of(PACKAGES[kind]) / f"{name}.py"
    if packaged.exists() or name in origins:
        where = origins[name].origin if name in origins else "harness itself"
        raise InputError(f"{name}: {where} has a plug-in of this name in {kind}; choose another")
