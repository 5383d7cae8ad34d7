"""No secret of an address is shown, and nothing else of a text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.urls import shown_error, without_secrets

SECRETS = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1).map(
    lambda text: f"hidden{text}hidden"
)


@given(SECRETS, st.sampled_from(["http", "https", "postgresql", "mysql+pymysql"]))
def test_a_password_of_any_characters_is_never_shown(secret, scheme):
    for user in ("", "me", "me@example.org"):
        shown = without_secrets(f"no answer: {scheme}://{user}:{secret}@db.example:5432/x (twice)")
        assert "hidden" not in shown
        assert shown.endswith("db.example:5432/x (twice)")


@pytest.mark.parametrize("name", ["password", "passwd", "api_key", "access_token", "PWD"])
def test_parameters_that_hold_secrets_are_not_shown(name):
    shown = without_secrets(f"postgresql://db/x?user=me&{name}=hidden&timeout=3")
    assert shown == f"postgresql://db/x?user=me&{name}=***&timeout=3"


def test_a_token_without_a_name_is_not_shown():
    assert without_secrets("https://hidden@dagshub.com/x") == "https://***@dagshub.com/x"


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:////home/me@work/results/mlflow.db",
        "http://127.0.0.1:5000/#/experiments/1",
        "models:/quickstart@knee",
        "write to me@example.org, or see https://example.org/a:b",
    ],
)
def test_what_holds_no_secret_stays(text):
    assert without_secrets(text) == text


def test_of_a_foreign_error_the_first_line_is_shown_and_of_ours_all():
    assert shown_error(ValueError("http://me:hidden@h\nmore")) == "ValueError: http://***@h"
    assert shown_error(ValueError()) == "ValueError: "
    assert shown_error(InputError("a\nb")) == "a\nb"
