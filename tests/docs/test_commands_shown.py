"""Every command of harness that a page shows exists, with the options that it is shown with."""

import re
import shlex

import pytest
import typer

from docs._ext.commands import commands
from docs._ext.generated import ROOT
from tests.docs.test_links import PAGES, name

KNOWN = dict(commands())
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
INLINE = re.compile(r"`(harness [a-z][^`]*)`")
PLACES = re.compile(r"^(?:\w*\$ +)?(?:[A-Z_]+=\S+ )*(?:\S*/)?(harness .*)$", re.M)


def shown(text):
    """The commands of harness in a page's blocks and in its sentences, without redirections."""
    found = [line for block in FENCE.findall(text) for line in PLACES.findall(block)]
    found += INLINE.findall(FENCE.sub("", text).replace("\n", " "))
    for line in found:
        for command in re.split(r"&&|;", re.split(r" [<>|] ", line)[0]):
            if command.strip().startswith("harness "):
                yield command.strip()


def unknown(line):
    """What of a command line harness does not have: the command, or an option of it."""
    words = shlex.split(line, comments=True)
    options = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    plain = [word for word in words[1:] if not word.startswith("-")]
    names = [" ".join(["harness", *plain[:count]]) for count in (2, 1, 0)]
    command = next(each for each in names if each in KNOWN)
    if command == "harness" and plain and plain[0].islower():
        return [plain[0]]
    context = typer.Context(KNOWN[command], help_option_names=["-h", "--help"])
    given = KNOWN[command].get_params(context) + KNOWN["harness"].get_params(context)
    has = {option for each in given for option in (*each.opts, *each.secondary_opts)}
    return sorted(options - has)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=name)
def test_every_command_shown_exists(page):
    found = {line: unknown(line) for line in shown(page.read_text(encoding="utf-8"))}
    assert {line: what for line, what in found.items() if what} == {}


def test_commands_are_found():
    lines = list(shown((ROOT / "docs" / "start.md").read_text(encoding="utf-8")))
    assert "harness launch studies/first.yaml --workers 2 --confirm" in lines
    assert "harness --version" in lines


def test_a_wrong_command_is_seen():
    assert unknown("harness lunch x.yaml") == ["lunch"]
    assert unknown("harness launch x.yaml --worker 2 --set a=b") == ["--worker"]
    assert unknown("harness data prepare wines --json --nothing=1") == ["--json", "--nothing"]
    assert unknown("harness --project=lab status # --what") == []
