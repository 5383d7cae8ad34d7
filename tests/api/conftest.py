"""The command, to compare what it prints with what Python gives."""

from tests.cli.conftest import harness as command

__all__ = ["command"]
