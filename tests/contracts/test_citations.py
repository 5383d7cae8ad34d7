"""Citations: definitions are in docs/methods.md, and every document that a text names is here."""

import re
import subprocess
from pathlib import Path

import pytest

from harness.frontier.selections import SELECTIONS
from harness.policies import POLICIES
from harness.regimes import REGIMES

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "docs", "harness", "studies", "tests")
TYPES = {".css", ".html", ".js", ".md", ".py", ".yaml"}
KINDS = {"Regime": REGIMES, "Policy": POLICIES, "Selection": SELECTIONS}

HEADING = re.compile(r"^#+ (.+)$", re.M)
DOCUMENT = re.compile(r"\bdocs/[\w/-]+\.md\b|(?<![\w/-])[A-Z]+\.md\b")
CITED = re.compile(r'docs/methods\.md, "([^"]+)"')
LINKED = re.compile(r"methods\.md#([\w-]+)")
UNNAMED = re.compile(r'docs/methods\.md(?!\w|#|, ")')
OLD = re.compile(r"\bMETHODS\b(?!\.md)")

BREACHES = '''
"""Counted exactly (docs/methods.md, "No such heading")."""
# Twice (docs/methods.md,
# "Nor this one"), and docs/methods.md says so.
[gates](methods.md#no-such-anchor) METHODS section 1, METHODS.md, docs/missing.md
'''


def methods():
    return (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")


def texts():
    """The text of each file that may cite a document, by its path; but not this one."""
    found = [path for path in ROOT.iterdir() if path.suffix in TYPES]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.suffix in TYPES]
    kept = (p for p in sorted(found) if p != Path(__file__) and "_build" not in p.parts)
    return {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in kept}


def in_one_line(text):
    """The text without its line ends, so that citations may be wrapped, in comments too."""
    return re.sub(r"\s*\n\s*(?:# )?", " ", text)


def anchor(title):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def unknown_headings(text):
    titles = HEADING.findall(methods())
    anchors = {anchor(title) for title in titles}
    cited = [title for title in CITED.findall(in_one_line(text)) if title not in titles]
    return cited + [name for name in LINKED.findall(text) if name not in anchors]


def without_heading(text):
    return UNNAMED.findall(in_one_line(text))


def missing_documents(text):
    return [name for name in DOCUMENT.findall(text) if not (ROOT / name).is_file()]


def old_citations(text):
    return OLD.findall(text)


def undefined(kind, names):
    """Names of plug-ins that have no heading of their kind."""
    titles = HEADING.findall(methods())
    return [name for name in names if f"{kind} `{name}`" not in titles]


def of_this_repository(registry):
    """The plug-ins that git knows: a file just dropped in need not be described elsewhere."""
    folder = "/".join(registry.package.split("."))
    command = ["git", "-C", str(ROOT), "ls-files", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git repository")
    known = {Path(line).stem for line in done.stdout.splitlines()}
    return [name for name in registry.names() if name in known]


@pytest.mark.parametrize("breaches", [unknown_headings, missing_documents, old_citations])
def test_every_text_holds(breaches):
    found = {str(path): breaches(text) for path, text in texts().items()}
    assert {path: named for path, named in found.items() if named} == {}


def test_code_cites_a_definition_by_its_heading():
    sources = {path: text for path, text in texts().items() if path.suffix == ".py"}
    assert [str(path) for path, text in sources.items() if without_heading(text)] == []
    assert any(CITED.search(in_one_line(text)) for text in sources.values())


def test_headings_are_unique():
    titles = HEADING.findall(methods())
    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize("kind", KINDS)
def test_every_plugin_of_the_repository_is_defined(kind):
    assert undefined(kind, of_this_repository(KINDS[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_plugin_that_is_defined_exists(kind):
    named = re.findall(rf"^#+ {kind} `(\w+)`$", methods(), re.M)
    assert named
    assert set(named) <= set(KINDS[kind].names())


def test_every_check_sees_a_breach():
    assert unknown_headings(BREACHES) == ["No such heading", "Nor this one", "no-such-anchor"]
    assert without_heading(BREACHES) == ["docs/methods.md"]
    assert missing_documents(BREACHES) == ["METHODS.md", "docs/missing.md"]
    assert old_citations(BREACHES) == ["METHODS"]
    assert undefined("Regime", ["joint", "no_such_regime"]) == ["no_such_regime"]


def test_a_sound_citation_is_no_breach():
    text = '(docs/methods.md,\n    "Cost") and [gates](docs/methods.md#gates), README.md'
    for breaches in (unknown_headings, without_heading, missing_documents, old_citations):
        assert breaches(text) == []
