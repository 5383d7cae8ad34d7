import pytest
import typer

from harness.cli.asking import confirm
from harness.core.errors import InputError


def test_without_a_terminal_nobody_is_asked(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(InputError, match=r"no terminal.*add --yes"):
        confirm(["three trials go"], "Delete?", yes=False)
    assert capsys.readouterr().err == "three trials go\n"
    confirm(["three trials go"], "Delete?", yes=True)


@pytest.mark.parametrize("answer", [True, False])
def test_the_answer_decides(answer, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: answer)
    if answer:
        confirm([], "Delete?", yes=False)
        return
    with pytest.raises(typer.Exit) as left:
        confirm([], "Delete?", yes=False)
    assert left.value.exit_code == 1
