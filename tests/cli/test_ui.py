"""`harness ui`: what it prints, and what it opens; tests/browser looks at the pages."""

import re

import pytest
import typer

from harness.cli.ui import ui
from harness.core.errors import InputError
from harness.tracking import ports, server
from harness.tracking.store import Store
from tests.tracking.conftest import tracker

LIST = "http://127.0.0.1:5000/#/experiments?workflowType=machine_learning"


@pytest.fixture(autouse=True)
def opened(monkeypatch):
    """What is opened, on a machine with a screen; the server only says that it is ready."""
    found = []
    monkeypatch.setattr(server, "serve", lambda *given: given[-1]() or 0)
    monkeypatch.setattr(ports, "check_port", lambda _: None)
    monkeypatch.setattr("webbrowser.open", found.append)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("BROWSER", "browser")
    return found


@pytest.fixture
def shown(tracked, capsys):
    """Runs the command for a store with these studies; returns its lines."""
    store = Store(tracked.tracking_uri, tracked.artifacts)

    def run(*studies, **options):
        for name in studies:
            tracker(store, study=name)
        with pytest.raises(typer.Exit) as ended:
            ui(**options)
        assert ended.value.exit_code == 0
        return capsys.readouterr().out.splitlines()[1:]

    return run


def view(line):
    name, address = line.split(": ", 1)
    assert re.fullmatch(
        r"http://127.0.0.1:5000/#/experiments/\d+/runs\?viewStateShareKey=harness-trials"
        "&workflowType=machine_learning",
        address,
    )
    return name, address


def test_without_a_study_the_list_is_opened(shown, opened):
    assert shown() == [f"all studies: {LIST}"]
    assert opened == [LIST]


def test_of_a_single_study_its_trials_are_opened(shown, opened):
    first, line = shown("animals")
    name, address = view(line)
    assert (first, name, opened) == (f"all studies: {LIST}", "animals", [address])


def test_several_studies_have_a_line_each_and_the_named_one_is_opened(shown, opened):
    _, *lines = shown("animals", "plants")
    known = dict(map(view, lines))
    assert set(known) == {"animals", "plants"}
    (line,) = shown(study="plants")
    assert view(line) == ("plants", known["plants"])
    assert opened == [LIST, known["plants"]]


def test_no_browser_is_opened_where_none_is_wanted_or_there_is_no_screen(
    shown, opened, monkeypatch
):
    shown("animals", browser=False)
    monkeypatch.setenv("CI", "true")
    shown()
    monkeypatch.delenv("CI")
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    shown()
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    shown()
    assert len(opened) == 1


def test_an_unknown_study_is_named_with_those_that_are_known(shown):
    shown("animals")
    with pytest.raises(
        InputError, match=r"animal: no such study in sqlite.*did you mean 'animals'"
    ):
        ui(study="animal")
