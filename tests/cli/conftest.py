"""The command, run in the process of the tests."""

import sys
from dataclasses import dataclass

import pytest

from harness.cli.app import main


@dataclass
class Ended:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def harness(monkeypatch, capsys):
    """Runs the command in this process: an interpreter of its own each time would cost minutes."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["harness", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return Ended(ended.value.code or 0, output.out, output.err)

    return run
