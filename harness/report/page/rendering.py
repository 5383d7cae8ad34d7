"""What all pages are rendered with: templates, style, scripts, data as files."""

import base64
import gzip
from importlib.resources import files

import jinja2
import pandas as pd

from harness.report.figures.files import inline


def environment() -> jinja2.Environment:
    """The pages' templates: all text is escaped, and an undefined name is an error."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["inline"] = inline
    found.filters["packed_csv"] = packed_csv
    # The filter `tojson` escapes what could end the script element around it.
    found.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return found


def packed_csv(table: pd.DataFrame) -> str:
    """A table as base64 of its gzipped CSV, numbers with six digits."""
    return packed(table.to_csv(index=False, float_format="%.6g").encode())


def packed(content: bytes) -> str:
    """What is text, as base64 of its gzip: two fifths of the size."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def asset(name: str) -> str:
    """Text of a style sheet or script of the pages."""
    return files("harness.report.page").joinpath(name).read_text(encoding="utf-8")
