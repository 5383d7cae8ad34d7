import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.plugins import Registry
from harness.core.sources import code_of, source_digest
from harness.regimes import REGIMES
from tests.conftest import REPOSITORY

REGISTERED = sorted((REPOSITORY / "harness" / "regimes").glob("*.py"))
FILES = {
    "__init__": '"""Contract."""\nclass Base:\n    pass\n',
    "one": "from pack.shared import f\n\nx = f(1)\n",
    "other": "import pack\ny = 2\n",
    "shared": "def f(n):\n    from . import deep\n    return deep.g(n)\n",
    "deep": "import json\nfrom pack.nothing import z\n\n\ndef g(n):\n    return n\n",
    "unused": "w = 1\n",
}


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def digest(folder, name="one"):
    return source_digest(folder, "pack", name)


@pytest.mark.parametrize("module", ["__init__", "one", "shared", "deep"])
def test_code_of_the_plugin_its_helpers_and_the_contract_counts(package, module):
    before = digest(package)
    path = package / f"{module}.py"
    path.write_text(path.read_text() + "v = 3\n")
    assert digest(package) != before


@pytest.mark.parametrize("module", ["other", "unused"])
def test_code_that_is_not_imported_does_not_count(package, module):
    before = digest(package)
    (package / f"{module}.py").write_text("v = 3\n")
    assert digest(package) == before


def test_a_plugin_may_be_a_folder(package):
    (package / "whole").mkdir()
    (package / "whole" / "__init__.py").write_text("from .part import a\n")
    (package / "whole" / "part.py").write_text("from ..deep import g\na = 1\n")
    seen = {digest(package, "whole")}
    for file in ("whole/__init__.py", "whole/part.py", "deep.py", "__init__.py"):
        (package / file).write_text((package / file).read_text() + "v = 3\n")
        seen.add(digest(package, "whole"))
    assert len(seen) == 5


PLAIN = '''
class A(B):
    x: int = 1

    def f(self):
        text = """a

        b"""
        return {"k": 1}, (
            text
        )
'''
DRESSED = '''"""Module."""
# A comment.

class A(B):  # why
    """A class.

    With more.
    """

    x: int = 1
    """An attribute."""

    # "not a string"
    def f(self):
        """A method."""

        text = """a

        b"""
        return {"k": 1}, (   # here

            # there
            text
        )
'''


def test_comments_docstrings_and_blank_lines_do_not_count():
    assert code_of(DRESSED) == code_of(PLAIN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1}", "2}"),
        ('"k"', '"l"'),
        ("a\n\n        b", "a\n        b"),  # a blank line in a string is text
        ("a\n", "a \n"),
        ("a\n", "a # no comment\n"),
        ("class A(B):\n", 'class A(C): "in a line"\n'),
        ("    def f", "    f'{run()}'\n    def f"),
        ("        return", "    return"),
    ],
)
def test_code_counts(before, after):
    assert before in PLAIN
    assert code_of(PLAIN.replace(before, after, 1)) != code_of(PLAIN)


LINES = [
    "x = 1", "x = 2", "def f(): pass", "if x:\n    y = '''a\n\nb'''",
    "z = f'''{x\n}\n\n{y!r:>{x}}'''",
    "w = [\n    1,\n    2,\n]",
]  # fmt: skip
IDLE = ["", "# a comment", '"""A string\n\nalone."""', "   # indented"]


@given(st.lists(st.sampled_from(LINES), min_size=1), st.data())
def test_what_is_not_code_may_be_added_anywhere(lines, data):
    dressed = [
        text
        for line in lines
        for text in (*data.draw(st.lists(st.sampled_from(IDLE), max_size=2)), line)
    ]
    assert code_of("\n".join(dressed)) == code_of("\n".join(lines))
    assert code_of("\n".join([*dressed, "x = 3"])) != code_of("\n".join(lines))


@pytest.mark.parametrize("path", REGISTERED, ids=lambda path: path.stem)
def test_no_statement_of_a_plugin_is_lost(path):
    """What is left parses to the same syntax tree, but for docstrings."""
    tree, left = (ast.parse(text) for text in (path.read_text(), code_of(path.read_text())))
    for each in ast.walk(tree):
        if isinstance(body := getattr(each, "body", None), list):
            each.body = [node for node in body if not is_string(node)]
    assert ast.dump(tree) == ast.dump(left)


def is_string(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_a_registry_reads_a_digest_once_and_imports_nothing(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "never_imported"
    folder.mkdir()
    for name in ("__init__", "one"):
        (folder / f"{name}.py").write_text("" if name == "__init__" else "raise SystemExit")
    registry = Registry("never_imported", object)
    before = registry.source_digest("one")
    (folder / "one.py").write_text("raise SystemError")
    assert registry.source_digest("one") == before
    assert Registry("never_imported", object).source_digest("one") != before
    assert "never_imported.one" not in sys.modules


def test_what_a_plugin_imports_from_its_layer_counts(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    files = {
        "top/__init__.py": "",
        "top/elsewhere.py": "",
        "top/layer/__init__.py": "",
        "top/layer/shared.py": "from top.elsewhere import x",
        "top/layer/unused.py": "",
        "top/layer/kind/__init__.py": "",
        "top/layer/kind/one.py": "from top.layer.kind import Base\nfrom top.layer.shared import y",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    before = Registry("top.layer.kind", object).source_digest("one")
    counted = set()
    for name, text in files.items():
        (tmp_path / name).write_text(f"{text}\nz = 1")
        if Registry("top.layer.kind", object).source_digest("one") != before:
            counted.add(name)
        (tmp_path / name).write_text(text)
    assert counted == {name for name in files if name.startswith("top/layer/")} - {
        "top/layer/unused.py"
    }


def test_regimes_that_share_no_code_but_the_contract_have_digests_of_their_own():
    assert len({REGIMES.source_digest(name) for name in REGIMES.names()}) == len(REGIMES.names())
