"""Which seeds train together, whatever the study had before."""

from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from harness.core.files import content_key
from harness.core.trial_spec import Choice, TrialSpec
from harness.study.companies import companies, members, together

SEEDS = st.lists(st.integers(0, 50), min_size=1, max_size=12, unique=True)


def spec(seed, company=(), static_exit=0):
    choice = Choice("b", {}, "")
    return TrialSpec("s", "d", choice, choice, {}, seed, static_exit, company=company)


@given(SEEDS, st.integers(2, 5))
def test_as_many_as_may_be_train_together_and_none_twice(seeds, most):
    found = companies(seeds, most)
    for seed, company in found.items():
        assert seed in company
        assert 2 <= len(company) <= most
        assert all(found[other] == company for other in company)
    alone = [seed for seed in seeds if seed not in found]
    assert alone == ([seeds[-1]] if len(seeds) % most == 1 else [])


@given(SEEDS, st.integers(2, 5), st.integers(1, 11), st.integers(1, 11))
def test_seeds_that_are_added_leave_companies_as_they_are(seeds, most, first, second):
    begun, then = seeds[:first], seeds[first : first + second]
    before = companies(begun, most)
    assert companies(begun, most, (begun,)) == before
    grown = companies([*begun, *then], most, (begun,))
    assert {seed: grown[seed] for seed in begun if seed in grown} == before
    last = companies(seeds, most, (begun, then))
    assert {seed: last[seed] for seed in [*begun, *then] if seed in last} == grown
    # What was proposed before the growth is proposed again from the seeds that there were then.
    assert companies(begun, most, (begun, then)) == before


def test_without_a_stack_every_seed_is_alone():
    assert companies((0, 1, 2), None) == {}


def test_a_task_is_what_is_wanted_of_a_company():
    wanted = [spec(0, (0, 1)), spec(2, (2, 3)), spec(1, (0, 1)), spec(4), spec(5), spec(3, (2, 3))]
    assert [[each.seed for each in task] for task in together(wanted)] == [[0, 1], [2, 3], [4], [5]]
    assert together(wanted[1:2]) == ((wanted[1],),)


def test_networks_of_other_depths_are_other_stacks():
    wanted = [spec(seed, (0, 1), static_exit) for seed in (0, 1) for static_exit in (1, 2)]
    assert [len(task) for task in together(wanted)] == [2, 2]


def test_members_are_the_company_of_a_trial():
    one = spec(3, (2, 3))
    assert members(one) == (replace(one, seed=2), one)


def test_the_company_is_part_of_the_key_and_no_company_is_not():
    """So the keys of trials from before there were stacks are what they were."""
    plain = asdict(spec(3))
    del plain["company"]
    assert spec(3).key == content_key(plain)
    assert len({spec(3).key, spec(3, (2, 3)).key, spec(3, (3, 4)).key}) == 3
