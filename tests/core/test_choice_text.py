"""Plug-ins written in a line of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.choice_text import read_choice, split_choices
from harness.core.errors import InputError

NAMES = st.from_regex(r"[a-z][a-z_0-9]{0,8}", fullmatch=True)
VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text("ab,:{}[]'\" ", max_size=6),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
CHOICES = st.tuples(NAMES, st.dictionaries(NAMES, VALUES, max_size=3))


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_names_alone_are_separated_by_commas(names):
    assert split_choices(",".join(names), "--policies") == tuple(names)


@given(st.lists(CHOICES, min_size=1, max_size=3))
def test_commas_inside_of_parameters_separate_nothing(choices):
    def flow(value):
        if isinstance(value, list):
            return f"[{', '.join(map(flow, value))}]"
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        return str(value).lower()

    texts = [
        f"{name}:{{{', '.join(f'{key}: {flow(value)}' for key, value in parameters.items())}}}"
        for name, parameters in choices
    ]
    found = split_choices(", ".join(texts), "--policies")
    assert found == tuple(texts)
    assert [read_choice(text, "policy") for text in found] == choices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--policies : a name is empty"),
        ("a,,b", "--policies a,,b: a name is empty; write NAME,NAME or NAME:{KEY: VALUE}"),
        ("a:{b: [1, 2}", "--policies a:{b: \\[1, 2}: \\] is missing at its end"),
        ("a:{b: 'c}", "' is missing at its end"),
    ],
)
def test_a_list_that_cannot_be_taken_apart_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        split_choices(text, "--policies")


@pytest.mark.parametrize("text", ["a:1", "a:", "a:[1]", "a: b"])
def test_parameters_are_a_mapping(text):
    with pytest.raises(InputError, match=r"^selection a.*: parameters are written a:{KEY: VALUE}"):
        read_choice(text, "selection")


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(InputError, match=r"selection a:{b: 1, b: 2}: line 1: "):
        read_choice("a:{b: 1, b: 2}", "selection")
