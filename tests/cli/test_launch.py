"""How a launch ends: what is said, and the exit code."""

import signal
from pathlib import Path

import pytest
import typer

from harness.cli import ending
from harness.study.run import LaunchOutcome
from tests.made_up import MANIFEST
from tests.records import record_of


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
