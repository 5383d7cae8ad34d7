import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import DataError
from harness.core.manifest import SplitSpec
from harness.data.random_split import random_split
from harness.data.splits import no_samples

NONE = no_samples()
NAMES = tuple("abcdef")


def spec(**fields):
    return SplitSpec(**{"dataset": "digits", "train": 0.5, "validation": 0.25, **fields})


def split(labels, asked, test=NONE):
    return random_split(labels, asked, test, NAMES)


@given(
    st.integers(0, 10_000), st.floats(0.05, 0.6), st.sampled_from([0, 0.05, 0.2]), st.integers(2, 6)
)
def test_random_splits_are_disjoint_and_stratified(seed, train, calibration, classes):
    labels = np.random.default_rng(seed).integers(0, classes, 600)
    found = split(labels, spec(train=train, validation=0.15, calibration=calibration, seed=seed))
    parts = [found.train, found.validation, found.calibration, found.test]
    assert len(set(np.concatenate(parts).tolist())) == 600
    shares = np.bincount(labels) / 600
    wanted = (train, 0.15, calibration, 1 - train - 0.15 - calibration)
    # A draw of a share s rounds each class by less than one sample. It takes s of what its pool is
    # off by, and leaves the rest of that and its own rounding to the next.
    pool, off = 600, 0.0
    for part, share in zip(parts, wanted, strict=True):
        assert abs(len(part) - 600 * share) <= 2
        taken = len(part) / pool
        rounded = 1 if 0 < taken < 1 else 0
        found = np.abs(np.bincount(labels[part], minlength=classes) - shares * len(part)).max()
        assert found < taken * off + rounded + 1e-9
        pool, off = pool - len(part), (1 - taken) * off + rounded


@given(st.integers(0, 10_000), st.booleans())
def test_a_calibration_part_changes_no_network_and_comes_from_the_rest(seed, canonical):
    labels = np.random.default_rng(seed).integers(0, 4, 400)
    test = np.arange(300, 400) if canonical else NONE
    plain, held = (split(labels, spec(calibration=c, seed=seed), test) for c in (0, 0.1))
    assert np.array_equal(held.train, plain.train)
    assert np.array_equal(held.validation, plain.validation)
    assert len(plain.calibration) == 0
    if canonical:
        assert np.array_equal(held.test, test)
        assert len(held.calibration) == 30
    else:
        together = np.sort(np.concatenate([held.test, held.calibration]))
        assert np.array_equal(together, plain.test)
        assert len(held.calibration) == 40


def test_a_canonical_test_part_stays_as_it_is():
    labels, test = np.arange(300) % 3, np.arange(240, 300)
    found = split(labels, spec(train=0.75, validation=0.25), test)
    assert np.array_equal(found.test, test)
    assert len(found.train) == 180
    assert len(found.validation) == 60


def test_the_seed_alone_decides():
    labels = np.arange(200) % 4
    for amounts in ({}, {"train": 10, "validation": 5, "calibration": 5}):
        one, again, other = (split(labels, spec(seed=s, **amounts)).train for s in (1, 1, 2))
        assert np.array_equal(one, again)
        assert not np.array_equal(one, other)


def test_samples_per_class_take_at_most_half_of_a_rare_one():
    labels = np.repeat([0, 1, 2], [200, 20, 5])
    found = split(labels, spec(train=50, validation=10, calibration=0.25))
    assert np.bincount(labels[found.train]).tolist() == [50, 10, 2]
    assert np.bincount(labels[found.validation]).tolist() == [10, 5, 1]
    # A share counts of all 225 samples; it is stratified over what is left.
    assert len(found.calibration) == 56
    assert np.bincount(labels[found.test], minlength=3).sum() == 225 - 62 - 16 - 56


def test_a_class_that_cannot_be_divided_is_named():
    labels = np.array([0] * 99 + [1])
    with pytest.raises(DataError, match=r"train share of 0\.1 cannot.*one sample is left of b"):
        split(labels, spec(train=0.1))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"train": 0.5, "validation": 0.5}, "the test part of a split has no samples"),
        ({"validation": 0.0001}, "validation share of 0.0001 cannot be stratified"),
        ({"train": 0.7, "validation": 0.295}, "validation share of 0.295 cannot be stratified"),
        ({"validation": 0.4, "calibration": 0.1}, "the test part of a split has no samples"),
    ],
)
def test_an_empty_part_is_a_clear_error(fields, message):
    with pytest.raises(DataError, match=message):
        split(np.arange(200) % 4, spec(**fields))
