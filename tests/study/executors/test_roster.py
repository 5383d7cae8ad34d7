"""Which worker takes a trial: free ones in turn, none twice, none that refuses."""

import threading

import pytest

from harness.study.executors.roster import Ended, Roster


@pytest.fixture
def roster():
    made = Roster()
    made.update({"a": "host a", "b": "host b"})
    return made


def test_each_worker_has_one_trial_at_a_time_and_the_longest_free_comes_first(roster):
    assert (roster.take(), roster.take()) == ("a", "b")
    roster.give_back("b")
    roster.give_back("a")
    roster.give_back("a")  # once is enough
    assert (roster.take(), roster.take()) == ("b", "a")
    roster.update({"a": "host a", "b": "host b", "c": "host c"})
    assert roster.take() == "c"


def taken(roster):
    """Takes a worker in a thread; what it got."""
    found = []

    def take():
        try:
            found.append(roster.take())
        except Ended as ended:
            found.append(str(ended))

    thread = threading.Thread(target=take)
    thread.start()
    return thread, found


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda roster: roster.give_back("b"), "b"),
        (lambda roster: roster.update({"a": "host a", "b": "host b", "c": "host c"}), "c"),
        (lambda roster: roster.end("over"), "over"),
        (lambda roster: (roster.refuse("a", "no"), roster.refuse("b", "never")), "no; never"),
    ],
)
def test_who_waits_is_woken(roster, change, got):
    roster.take(), roster.take()
    thread, found = taken(roster)
    change(roster)
    thread.join(timeout=30)
    assert found == [got]


def test_a_worker_that_left_is_not_handed_out(roster):
    assert roster.take() == "a"
    roster.update({"b": "host b"})
    assert (roster.has("a"), roster.has("b")) == (False, True)
    roster.give_back("a")
    assert roster.take() == "b"
    thread, found = taken(roster)
    roster.update({"a": "host a", "b": "host b"})  # started again at the same address
    thread.join(timeout=30)
    assert found == ["a"]


def test_one_that_refuses_is_asked_again_once_it_was_started_again(roster):
    roster.refuse(roster.take(), "wrong data")
    roster.give_back("a")
    assert roster.take() == "b"
    roster.give_back("b")
    roster.update({"b": "host b"})
    roster.update({"b": "host b", "a": "host a"})
    assert {roster.take(), roster.take()} == {"a", "b"}


def test_what_happens_is_told_once(roster):
    assert roster.presence() == (
        2,
        ("worker host a joined, 1 there", "worker host b joined, 2 there"),
    )
    assert roster.presence() == (2, ())
    roster.update({"a": "host a"})
    roster.refuse("a", "wrong data")
    roster.lose()
    roster.lose()
    assert roster.presence() == (
        0,
        (
            "worker host b left, 1 there",
            "worker host a refused: wrong data",
            "the scheduler does not answer; waiting for it",
        ),
    )
    roster.update({"a": "host a"})
    assert roster.presence() == (1, ("worker host a joined, 1 there",))
