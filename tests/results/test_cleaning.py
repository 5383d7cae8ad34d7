"""Weights that no command needs are deleted; everything that reads outputs goes on as before."""

import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.core.errors import InputError
from harness.results import trials
from harness.results.cleaning import check_weights_kept, clean, is_cleaned, plan_cleaning
from harness.results.incoming import Stored, first_difference
from harness.results.launch_lock import only_launch
from harness.results.stamp import STAMP
from harness.results.tables import read_frontier


@pytest.fixture
def with_one_to_clean(own_confirmed):
    """The confirmed study, with a trial that is on no frontier: its outputs are all wrong."""
    folder = own_confirmed.folder
    on_frontier = set(read_frontier(folder)["key"])
    beside = [key for key in trials.stored_keys(folder) if key not in on_frontier]
    assert beside
    return own_confirmed, on_frontier, beside


def test_only_weights_beside_all_frontiers_are_deleted(with_one_to_clean, confirmed_study):
    study, on_frontier, beside = with_one_to_clean
    folder = study.folder
    plan = plan_cleaning(folder)
    assert set(plan.keys) == set(beside)
    assert (plan.kept, plan.cleaned) == (len(on_frontier), 0)
    assert plan.size > plan.freed > 1000 * len(beside)
    assert not any(is_cleaned(folder, key) for key in beside)

    assert clean(folder).keys == plan.keys
    for key in beside:
        assert is_cleaned(folder, key)
        # Not damaged: a launch would train it anew.
        assert trials.fault_of(folder, key) is None
        there = Stored("trials", key)
        assert first_difference(folder, confirmed_study.folder, there) is None
        with pytest.raises(InputError, match=r"deleted by `harness clean`.*launch the study again"):
            check_weights_kept(folder, key)
    for key in on_frontier:
        check_weights_kept(folder, key)
    again = plan_cleaning(folder)
    assert (again.keys, again.cleaned, again.freed) == ((), len(beside), 0)
    before = read_frontier(folder)
    write_frontier(folder)
    assert read_frontier(folder).equals(before)


def test_a_study_that_is_held_or_without_tables_is_refused(own_confirmed):
    folder = own_confirmed.folder
    with only_launch(folder):
        for command in (plan_cleaning, clean):
            with pytest.raises(InputError, match="another launch of this study is running"):
                command(folder)
    (folder / STAMP).unlink()
    with pytest.raises(InputError, match="run `harness frontier tiny`"):
        plan_cleaning(folder)


def test_what_is_no_mark_is_no_cleaned_trial(tmp_path):
    path = trials.trial_folder(tmp_path, "k") / "weights.npz"
    assert not is_cleaned(tmp_path, "k")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    assert not is_cleaned(tmp_path, "k")
