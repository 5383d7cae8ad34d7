"""How a launch ends: what is said, and the exit code."""

import signal
from pathlib import Path

import pytest
import typer

from harness.cli import ending
from harness.cli.app import main
from harness.results import trials
from harness.results.launch_lock import only_launch
from harness.study.run import LaunchOutcome
from tests.in_process import InProcess
from tests.made_up import MANIFEST
from tests.records import record_of


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_database_of_another_kind_is_refused_at_once(project, monkeypatch, capsys, way):
    address, file = "mysql://me:hidden-word@db.example/studies", "studies/quickstart.yaml"
    given = ["--storage", address] if way == "option" else []
    if way == "variable":
        monkeypatch.setenv("HARNESS_STORAGE", address)
    monkeypatch.setattr("sys.argv", ["harness", "launch", file, *given])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert (left.value.code, said.count("\n")) == (2, 1)
    assert said.startswith(
        "error: --storage mysql://***@db.example/studies: mysql is not supported"
    )
    assert not project.results.exists()


def closed(state, **facts):
    record = record_of(MANIFEST).model_copy(update={"state": state})
    with pytest.raises(typer.Exit) as left:
        ending.close(LaunchOutcome(record, None, **facts), Path("results"), "harness frontier")
    return left.value.exit_code


def test_errors_are_told_with_what_to_do(capsys):
    assert closed("failed", errors=tuple(f"#{n} joint: disk full" for n in range(7))) == 3
    said = capsys.readouterr()
    assert "made-up: failed;" in said.out
    assert "next:" not in said.out
    assert "#4 joint: disk full" in said.err
    assert "#5" not in said.err
    assert "and 2 more" in said.err
    assert "run the command again: these trials are taken up" in said.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_gives_the_exit_code_of_its_signal(capsys, number):
    assert closed("interrupted", signal=int(number)) == 128 + number
    assert "run the command again to resume" in capsys.readouterr().out


def test_a_restart_says_what_it_deletes_and_asks(own_confirmed, harness, monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)
    asked = ("launch", "studies/tiny.yaml", "--restart", "--set", "seeds=[3]")
    before = trials.stored_keys(own_confirmed.folder)
    dry = harness(*asked, "--dry-run")
    assert dry.returncode == 0
    refused = harness(*asked)
    assert refused.returncode == 2
    assert "standard input is no terminal, so that nobody can be asked: add --yes" in refused.stderr
    for said in (dry.stderr, refused.stderr):
        assert "results/tiny holds another study of this name, with 4 trials (" in said
        assert "  deleted at once: its record and its proposals" in said
        assert "  kept: 0 stored trials (0 B)" in said
        assert "  deleted once it is done: 4 stored trials (" in said
        assert "  trained anew: up to 4 trials" in said
    assert trials.stored_keys(own_confirmed.folder) == before
    done = harness(*asked, "--yes")
    assert (done.returncode, "tiny: done; 4 configurations" in done.stdout) == (0, True)
    assert not {*trials.stored_keys(own_confirmed.folder)} & {*before}
    # The same study once more: there is nothing to ask.
    again = harness(*asked)
    assert (again.returncode, "holds another study" in again.stderr) == (0, False)


def test_a_dry_run_refuses_what_the_launch_would(own_confirmed, harness):
    asked = ("launch", "studies/tiny.yaml")
    with only_launch(own_confirmed.folder):
        dry, wet = harness(*asked, "--dry-run"), harness(*asked)
    assert (dry.returncode, wet.returncode) == (2, 2)
    assert dry.stderr.splitlines()[-1] == wet.stderr.splitlines()[-1]
    dry, wet = (harness(*asked, *more, "--set", "seeds=[3]") for more in (["--dry-run"], []))
    assert (dry.returncode, wet.returncode) == (2, 2)
    of_study = "error: results/tiny holds another study of this name"
    assert dry.stderr.partition(of_study)[2] == wet.stderr.partition(of_study)[2] != ""
