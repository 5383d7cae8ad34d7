"""What `--storage` takes, and that no message shows a password."""

import sys

import pytest

from harness.core.errors import InputError
from harness.study.storages.address import parse_address, shown_address


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("sqlite:///studies.db", "sqlite is not supported.*optuna.journal"),
        ("mysql://me:secret@db.example/studies", "mysql is not supported"),
        ("postgresql+psycopg2://me:secret@db.example/studies", "psycopg2 is not supported"),
        ("studies", "no database's address"),
        ("postgresql://me:secret@db.example:port/studies", "no database's address"),
        ("postgresql://me:sec@secret@db.example/studies", "more than one @.*%40"),
        ("postgresql://me:secret@db.example", "names no database"),
    ],
)
def test_other_addresses_are_refused_with_what_is_allowed(given, told):
    allowed = r"allowed: postgresql\+psycopg://HOST:PORT/DATABASE"
    with pytest.raises(InputError, match=f"--storage.*{told}") as caught:
        parse_address(given)
    assert caught.match(allowed)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_an_address_is_shown_without_user_password_and_parameters(scheme):
    url = parse_address(f"{scheme}://me:se%40cret/x@db.example:5433/studies?sslmode=require")
    assert (url.drivername, url.password) == ("postgresql+psycopg", "se@cret/x")
    assert shown_address(url) == "postgresql://db.example:5433/studies"


def test_without_psycopg_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"pip install 'harness\[postgres\]'"):
        parse_address("postgresql://db.example/studies")
