"""The digest of recorded configurations, which tells whether tables are still theirs."""

import hashlib
import json

import pytest

from harness.results import configurations_digest as module
from harness.results.configurations_digest import configurations_digest
from harness.results.study_record import Configuration

FIRST = Configuration(
    number=0,
    regime="joint",
    parameters={"regime.beta": 1.0},
    keys=("a", "b"),
    thresholds=(0.5,),
    objectives=(0.25, 3.0),
)


def test_it_is_that_of_the_plain_content():
    plain = {
        "number": 0,
        "regime": "joint",
        "search": 0,
        "parameters": {"regime.beta": 1.0},
        "keys": ["a", "b"],
        "thresholds": [0.5],
        "objectives": [0.25, 3.0],
    }
    text = json.dumps([plain], sort_keys=True, separators=(",", ":"))
    assert configurations_digest((FIRST,)) == hashlib.sha256(text.encode()).hexdigest()[:32]


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"sampler": {"state": 1}}, True),
        ({"reason": "went wrong"}, True),
        ({"keys": ("a",)}, False),
        ({"parameters": {"regime.beta": 0.5}}, False),
        ({"objectives": None}, False),
    ],
)
def test_it_depends_on_what_tables_depend_on(changed, same):
    other = FIRST.model_copy(update=changed)
    assert (configurations_digest((other,)) == configurations_digest((FIRST,))) == same


def test_it_is_worked_out_once_for_the_same_tuple(monkeypatch):
    worked_out = []

    def counted(value, **length):
        worked_out.append((value, length))
        return str(len(worked_out))

    monkeypatch.setattr(module, "content_key", counted)
    the_very = (FIRST, FIRST.model_copy(update={"number": 1}))
    assert [configurations_digest(the_very), configurations_digest(the_very)] == ["1", "1"]
    # Another of the same content might have been changed since: it is worked out anew.
    assert configurations_digest((*the_very,)) == "2"
