"""BibTeX of CITATION.cff."""

from pathlib import Path

import yaml

FILE = Path(__file__).parents[2] / "CITATION.cff"


def bibtex() -> str:
    """Markdown: a block of BibTeX with what CITATION.cff holds."""
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    authors = " and ".join(f"{{{author['name']}}}" for author in said["authors"])
    fields = {"author": authors, "title": said["title"], "version": said["version"]}
    if released := said.get("date-released"):
        fields["year"] = str(released)[:4]
    lines = "\n".join(f"  {name} = {{{value}}}," for name, value in fields.items())
    return f"```bibtex\n@software{{harness,\n{lines}\n}}\n```"
