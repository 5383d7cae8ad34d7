"""A study ends once its hypervolume has not grown for a while, wherever a launch was stopped."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from harness.cli.app import app
from harness.results.extent import planned_now, state_in_words
from harness.results.growth import Growth
from harness.results.study_record import read_study_record
from harness.study.plan import plan_notes
from harness.study.schedule import turns
from harness.study.stopping import Stopping
from harness.study.study_file import study_of
from tests.in_process import InProcess
from tests.made_up import MANIFEST
from tests.records import record_of
from tests.study.test_promotion import FULL, run, stops_after

SEARCHED = {**FULL, "seeds": [0], "run_cap": 40}
STOPS = {**SEARCHED, "stop": {"no_gain": 2}}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)


def stopping(wait, window, planned=30, regimes=("joint", "hard_cgt"), **fields):
    record = record_of(
        MANIFEST,
        regimes={name: {} for name in regimes},
        stop={"no_gain": wait},
        seeds=[0],
        window=window,
    ).model_copy(update=fields)
    return Stopping(record, turns(regimes, [1] * len(regimes), planned))


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 4), st.integers(1, 5))
def test_the_turns_taken_are_those_before_the_first_horizon_without_gain(grows, wait, window):
    found, area = stopping(wait, window), 0.0
    for number, grew in enumerate(grows):
        area += grew
        found.add(number, SimpleNamespace(hypervolume=area))
    waits = [
        number - max((n for n in range(number + 1) if grows[n]), default=-1)
        for number in range(len(grows))
    ]
    ends = next((n + window for n, waited in enumerate(waits) if waited >= 2 * wait), 30)
    assert len(found.turns) == min(ends, 30)
    assert found.spared == 30 - len(found.turns) if ends < 30 else found.stopped is None
    assert (found.news() == ()) == (found.stopped is None)
    assert found.news() == ()


def test_what_a_study_was_given_is_waited_for_anew():
    growth = (Growth(number=5, regimes=("joint",), seeds=(0,)),)
    found = stopping(1, 1, growth=growth)
    for number in range(6):
        found.add(number, SimpleNamespace(hypervolume=0.5))
    assert found.stopped is None
    found.add(6, SimpleNamespace(hypervolume=0.5))
    assert (found.stopped, len(found.turns)) == (1, 7)


def test_a_study_stops_and_goes_on_with_more_patience(tracked):
    seen = []
    record = run(tracked, STOPS, watch=seen.append)
    count = len(record.configurations)
    assert (record.state, record.stopped) == ("done", 2)
    assert count < 40
    assert record.planned == count == seen[-1].planned
    (said,) = [event for each in seen for event in each.events]
    assert said.endswith("the hypervolume has not grown for 2 configurations per regime")
    words = "done, stopped: its hypervolume has not grown for 2 configurations per regime"
    assert state_in_words(record) == words
    shown = CliRunner().invoke(app, ["status", "tiny"])
    assert words in shown.stdout
    assert run(tracked, STOPS) == record
    longer = run(tracked, {**SEARCHED, "stop": {"no_gain": 3}, "run_cap": count + 6})
    assert longer.configurations[:count] == record.configurations
    assert len(longer.configurations) > count
    whole = run(tracked, {**SEARCHED, "run_cap": count + 6})
    assert (len(whole.configurations), whole.stopped) == (count + 6, None)
    assert '"stop' not in (tracked.results / "tiny" / "study.json").read_text()
    assert run(tracked, STOPS).configurations == whole.configurations  # what is there stays


def test_a_launch_that_was_stopped_ends_where_another_does(tracked):
    run(tracked, STOPS, watch=stops_after(3))
    early = run(tracked, STOPS, watch=stops_after(7))
    assert early.state == "interrupted"
    assert planned_now(early) == 40
    record = run(tracked, STOPS)
    name = tracked.results / "tiny"
    name.rename(tracked.results / "before")
    assert run(tracked, STOPS).configurations == record.configurations
    assert read_study_record(name).stopped == 2


def test_the_plan_says_when_a_study_stops():
    (note,) = plan_notes(study_of(STOPS, "study"))
    assert "has not grown for 2 configurations per regime, 4 in a row" in note
