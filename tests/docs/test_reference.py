"""The generated references: every command, every plug-in and every field is there, as it is."""

import re

import pytest

from docs._ext.commands import command_reference, commands
from docs._ext.generated import GENERATED, ROOT
from docs._ext.plugins import plugin_reference
from docs._ext.study_file import study_file_reference
from docs._ext.texts import arxiv_papers, default_of, escaped, values_of
from harness.cli.listing import Kind, registry_of
from harness.core.parameters import parameter_schema
from harness.study.study_schema import study_schema

BOTH = [(kind, name) for kind in Kind for name in registry_of(kind).names()]


def sections(text):
    """The text of each section of second level, by its heading."""
    titles, *parts = re.split(r"^## (.+)\n", f"\n{text}", flags=re.MULTILINE)
    return {"": titles, **dict(zip(parts[::2], parts[1::2], strict=True))}


@pytest.fixture(scope="module")
def by_command():
    return sections(command_reference())


@pytest.fixture(scope="module")
def by_plugin():
    return {kind: sections(plugin_reference(kind)) for kind in Kind}


def test_every_command_is_there(by_command):
    names = [name for name, _ in commands()]
    assert {"harness launch", "harness import", "harness list", "harness data splits"} <= {*names}
    assert [f"`{name}`" for name in names] == [title for title in by_command if title]


def test_a_command_has_its_help_its_options_and_examples(by_command):
    launch = by_command["`harness launch`"]
    assert "Run a study: search and train its regimes' configurations" in launch
    for option in ("--workers", "--device", "--confirm", "--dry-run", "--storage", "--scheduler"):
        assert f"`{option}" in launch, option
    assert "harness launch studies/quickstart.yaml --workers 2" in launch
    assert "Exit codes: 0 done" in launch
    assert "--install-completion" in by_command["`harness`"]
    assert "--version" in by_command["`harness`"]


@pytest.mark.parametrize(("kind", "name"), BOTH)
def test_every_plugin_is_there_with_every_parameter(by_plugin, kind, name):
    registry = registry_of(kind)
    found = by_plugin[kind]
    section = found[f"`{name}`"]
    shared = found.get("Parameters that all of them have", "")
    assert escaped(registry.summary(name)) in section
    for parameter, schema in parameter_schema(registry.get(name)).items():
        (row,) = re.findall(rf"^\| `{parameter}` \|.*$", section, re.M) or re.findall(
            rf"^\| `{parameter}` \|.*$", shared, re.M
        )
        assert escaped(str(schema["description"])) in row
        assert default_of(schema) in row


def test_a_regime_has_its_definition_and_its_papers(by_plugin):
    section = by_plugin[Kind.REGIMES]["`hard_cgt`"]
    assert "(../methods.md#regime-hard_cgt)" in section
    assert "(https://arxiv.org/abs/2509.17885)" in section
    assert "number from 0 to 1" in section


def test_a_default_that_most_do_not_share_is_that_plugins_own(by_plugin):
    assert "| `eps` |" in by_plugin[Kind.REGIMES]["`cgt_official`"]
    assert "| `eps` |" not in by_plugin[Kind.REGIMES]["`joint`"]


def named(schema):
    """All names of fields of a JSON Schema, of nested ones too, but not of a plug-in's own."""
    for name, field in schema.get("properties", {}).items():
        yield name
        if name != "regimes":
            yield from named(field)
    for definition in schema.get("$defs", {}).values():
        yield from named(definition)


def test_every_field_of_a_study_file_is_there():
    text = study_file_reference()
    fields = set(named(study_schema()))
    assert {"run_cap", "split", "epochs", "learning_rate", "candidates", "per_exit"} <= fields
    assert [name for name in sorted(fields) if f"| `{name}` |" not in text] == []
    assert "*required*" in text


def test_no_field_is_without_values():
    rows = re.findall(r"^\| (`\w+`) \| +\|", study_file_reference(), re.M)
    rows += [row for kind in Kind for row in re.findall(r"^\| (`\w+`) \| +\|", GENERATED[kind.value](), re.M)]  # fmt: skip # noqa: E501
    assert rows == []


def test_every_mark_of_a_page_is_known():
    pages = (ROOT / "docs").rglob("*.md")
    marks = {mark for page in pages for mark in re.findall(r"<!-- generated: (\w+) -->", page.read_text())}  # fmt: skip # noqa: E501
    assert marks == set(GENERATED)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 8}, "whole number from 1 to 8"),
        ({"type": "number", "exclusiveMinimum": 0}, "number above 0"),
        ({"type": "boolean"}, "true or false"),
        ({"enum": ["group", "batch"]}, "`group`, `batch`"),
        ({"const": "all"}, "`all`"),
        ({"type": "array", "items": {"type": "string"}}, "list of: text"),
        (
            {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
            "number, or a list of such",
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or nothing"),
        ({"$ref": "#/$defs/Between"}, "a range"),
    ],
)
def test_values_in_words(schema, said):
    assert values_of(schema, {"Between": "a range"}) == said


def test_plain_text_is_shown_as_it_is():
    assert escaped("g_1 * [E, N] <x> `a_b`") == r"g\_1 \* \[E, N\] \<x\> `a_b`"
    assert arxiv_papers("CGT, arXiv 2509.17885; (2509.17885), He et al. (1512.03385)") == (
        "2509.17885",
        "1512.03385",
    )
