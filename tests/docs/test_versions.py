"""One version: of the package, of its citation, and of the newest section of the changelog."""

import re
import subprocess
import tomllib

import pytest
import yaml

from docs._ext.citation import bibtex
from tests.conftest import REPOSITORY

VERSION = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
SECTIONS = re.findall(r"^## (.+)$", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)
SECTION = re.compile(r"(\d+\.\d+\.\d+) \((unreleased|\d{4}-\d{2}-\d{2})\)")


def test_every_section_names_a_version_and_its_day():
    assert [each for each in SECTIONS if not SECTION.fullmatch(each)] == []
    assert [each for each in SECTIONS[1:] if "unreleased" in each] == []


def test_the_newest_section_is_of_this_version():
    assert SECTIONS[0].startswith(f"{VERSION} (")


def test_the_citation_is_of_this_version():
    said = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    assert said["version"] == VERSION
    assert f"version = {{{VERSION}}}" in bibtex()
    assert said["title"] in bibtex()


def test_a_version_that_has_a_tag_has_its_day():
    command = ["git", "-C", str(REPOSITORY), "tag", "--list", "v*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git repository")
    dated = {SECTION.fullmatch(each)[1] for each in SECTIONS if "unreleased" not in each}
    assert {tag.removeprefix("v") for tag in done.stdout.split()} <= dated
