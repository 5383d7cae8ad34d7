import pydantic
import pytest

from harness.core.faults import explain, unknown_name


class Inner(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="forbid")
    size: int | tuple[int, ...] = 1
    rate: float = 1.0


class Outer(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="forbid")
    inner: dict[str, Inner]
    named: str


def lines(given, told=True):
    with pytest.raises(pydantic.ValidationError) as raised:
        Outer.model_validate(given)
    return explain(raised.value, "file.yaml", given if told else None).splitlines()


def test_a_value_has_one_line_whatever_the_members_of_its_union():
    given = {
        "inner": {"int": {"size": "x"}, "tuple": {"size": [1, "y"], "rate": "1"}},
        "named": "a",
    }
    assert [line.partition(": Input")[0] for line in lines(given)] == [
        "file.yaml: inner.int.size",
        "file.yaml: inner.tuple.size",
        "file.yaml: inner.tuple.rate",
    ]
    assert len(lines(given, told=False)) > 3


def test_what_is_missing_is_named():
    assert lines({"inner": {}}) == ["file.yaml: named: Field required"]


def test_the_words_are_those_of_a_file():
    (line,) = lines({"inner": None, "named": "a"})
    assert line == (
        "file.yaml: inner: Input should be a valid mapping, found None; write {} for an empty one"
    )
    (line,) = lines({"inner": {"a": {"rate": "x" * 500}}, "named": "a"})
    assert len(line) < 220
    with pytest.raises(pydantic.ValidationError) as raised:
        Outer.model_validate_json("[1]")
    assert explain(raised.value, "f.json") == "f.json: Input should be a mapping, found [1]"


def test_an_unknown_name_is_told_the_near_and_the_allowed_ones():
    said = unknown_name("epoch", ("epochs", "limit"))
    assert said == "epoch: no such field; did you mean 'epochs'? Allowed: epochs, limit"
    assert unknown_name("x", ()) == "x: no such field. Allowed: none"
