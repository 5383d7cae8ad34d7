"""Configuration of Sphinx: `make docs` builds docs/_build/html from the Markdown of this folder."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # docs._ext, and the harness of this clone

project = "harness"
author = "The harness developers"
project_copyright = author
version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
release = version

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "docs._ext.pages",
]
exclude_patterns = ["_build", "_ext"]
# A notebook is made a page of Markdown when it is read (docs/_ext/pages.py); it is not executed.
source_suffix = {".md": "markdown", ".ipynb": "markdown"}

smartquotes = False  # they would make a dash of the -- of an option
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]

default_role = "code"  # `name` in docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
numpydoc_show_class_members = False
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = f"harness {version}"
html_static_path = ["_static"]
html_css_files = ["harness.css"]
html_show_sphinx = False
html_copy_source = False  # of a generated page it would show a mark alone
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e99", "color-brand-content": "#0b6e99"},
    "dark_css_variables": {"color-brand-primary": "#6cc4ee", "color-brand-content": "#6cc4ee"},
}
