import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.yaml_file import DEEPEST, LARGEST, parse_yaml, read_yaml, write_yaml

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text()
    | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_what_is_written_is_read_back(value):
    assert parse_yaml(write_yaml(value), "here") == value
    assert parse_yaml(write_yaml(value, flow=True), "here") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1E5", 1e5), ("1.", 1.0), (".5", 0.5), ("+1e-3", 0.001), ("3", 3),
        ("010", 10), ("0x1f", 31), ("0o17", 15), ("-.inf", float("-inf")), ("~", None), ("", None),
        ("true", True), ("yes", "yes"), ("off", "off"), ("1:30", "1:30"), ("1_000", "1_000"),
        ("2024-13-45", "2024-13-45"), ("!!str 3", "3"), ("'3'", "3"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text, value):
    found = parse_yaml(f"- {text}", "here")[0]
    assert found == value
    assert type(found) is type(value)


ALIAS_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]\n" for i in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run_cap: 1\nx: 2\nrun_cap: 3", "line 3: 'run_cap' is given twice, in lines 1 and 3"),
        ("a:\n  b: 1\n  b: 1", "line 3: 'b' is given twice, in lines 2 and 3"),
        ("a: 1\nb: !!int x", "line 2: !!int takes a whole number, found 'x'"),
        ("a: !!float x", "!!float takes a number, found 'x'"),
        ("a: !!bool yes", "!!bool takes true or false, found 'yes'"),
        ("a: !!timestamp 2024-13-01", "line 1: !!timestamp is not allowed"),
        ("a: !!binary x", "line 1: !!binary is not allowed"),
        ("a: !!set {b}", "line 1: !!set is not allowed"),
        ("a: !!python/object/apply:os.getcwd []", "line 1: .*python.* is not allowed"),
        ("null: 1", "line 1: a key is a name, found 'null'; write it in quotes"),
        ("1: 1", "line 1: a key is a name, found '1'; write it in quotes"),
        ("? [a]\n: 1", "line 1: a key is a name, found a list"),
        ("a: 1" + "0" * 5000, "line 1: an integer of 5001 digits; at most 64 bits"),
        ("a: 9223372036854775808", "line 1: an integer of 19 digits"),
        ("[" * 50, f"line 1: not valid YAML|nested deeper than {DEEPEST} levels"),
        ("[" * 40 + "]" * 40, f"line 1: nested deeper than {DEEPEST} levels"),
        ("[" * 20_000 + "]" * 20_000, f"nested deeper than {DEEPEST} levels"),
        ("a: &a [*a]", f"nested deeper than {DEEPEST} levels"),
        (ALIAS_BOMB, f"more than {LARGEST} values"),
        ("- " * 300 + "x", f"nested deeper than {DEEPEST} levels"),
        ("x" * 1_000_001, "1000001 characters; at most 1000000 are read"),
        ("a: [", "line 1: not valid YAML: expected the node content"),
        ("a: *b", "line 1: not valid YAML: found undefined alias 'b'"),
        ("a: {<<: 3}", "line 1: << takes mappings alone"),
        ("--- 1\n--- 2", "line 2: not valid YAML: but found another document"),
        ("a\0b", "not valid YAML: unacceptable character"),
        ('a: "\\U00110000"', "not valid YAML"),
        ('a: "\\ud800"', "half a character"),
    ],
)  # fmt: skip
def test_faults_are_input_errors_with_their_line(text, message):
    with pytest.raises(InputError, match=f"^here: .*(?:{message})"):
        parse_yaml(text, "here")


def test_aliases_give_copies_and_merge_keys_the_defaults():
    found = parse_yaml("a: &a {p: 1, q: [2]}\nb: *a\nc: {<<: *a, p: 3}\nd: {<<: [{p: 4}, *a]}", "x")
    assert found["b"] == found["a"]
    assert found["b"]["q"] is not found["a"]["q"]
    assert found["c"] == {"p": 3, "q": [2]}
    assert found["d"] == {"p": 4, "q": [2]}


def test_texts_that_look_like_numbers_are_quoted():
    written = write_yaml({"name": "1e3", "other": "on"})
    assert yaml.safe_load(written)["name"] == "1e3"
    assert "'1e3'" in written


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"none.yaml: no such study file"):
        read_yaml(tmp_path / "none.yaml", "no such study file")
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml(tmp_path / "a\0b")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(InputError, match=r"latin.yaml: not valid YAML: not UTF-8"):
        read_yaml(tmp_path / "latin.yaml")
