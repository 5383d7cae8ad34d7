import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.core.errors import DataError, InputError
from harness.core.manifest import SplitSpec
from harness.data.splits import find_split, random_split, read_splits, spatial_split

NONE = np.empty(0, dtype=np.int64)


def spec(**fields):
    return SplitSpec(**{"dataset": "digits", "train": 0.5, "validation": 0.25, **fields})


@given(st.integers(0, 10_000), st.floats(0.05, 0.8), st.integers(2, 6))
def test_random_splits_are_disjoint_and_stratified(seed, train, classes):
    labels = np.random.default_rng(seed).integers(0, classes, 600)
    validation = min(0.2, 0.95 - train)
    found = random_split(labels, spec(train=train, validation=validation, seed=seed), NONE)
    parts = [found.train, found.validation, found.test]
    assert len(set(np.concatenate(parts).tolist())) == 600
    shares = np.bincount(labels) / 600
    for part, share in zip(parts, (train, validation, 1 - train - validation), strict=True):
        assert abs(len(part) - 600 * share) <= 2
        assert np.abs(np.bincount(labels[part], minlength=classes) - shares * len(part)).max() < 1.5


def test_a_canonical_test_part_stays_as_it_is():
    labels, test = np.arange(300) % 3, np.arange(240, 300)
    found = random_split(labels, spec(train=0.75, validation=0.25), test)
    assert np.array_equal(found.test, test)
    assert len(found.train) == 180
    assert len(found.validation) == 60


def test_the_seed_alone_decides():
    labels = np.arange(200) % 4
    one, again, other = (random_split(labels, spec(seed=s), NONE).train for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_class_without_training_samples_is_a_clear_error():
    labels = np.array([0] * 99 + [1])
    with pytest.raises(DataError, match=r"training share of 0\.1 cannot be stratified"):
        random_split(labels, spec(train=0.1), NONE)
    with pytest.raises(DataError, match=r"leaves classes \[1\] without training samples"):
        random_split(np.array([0] * 398 + [1] * 2), spec(train=0.05), NONE)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"train": 0.5, "validation": 0.5}, "the test part of a split has no samples"),
        ({"validation": 0.0001}, "validation share of 0.0001 cannot be stratified"),
        ({"train": 0.7, "validation": 0.295}, "validation share of 0.295 cannot be stratified"),
    ],
)
def test_an_empty_part_is_a_clear_error(fields, message):
    with pytest.raises(DataError, match=message):
        random_split(np.arange(200) % 4, spec(**fields), NONE)


def test_a_spatial_split_needs_a_test_part():
    positions = np.argwhere(np.ones((40, 40)))
    labels = np.arange(len(positions)) % 3
    with pytest.raises(DataError, match="needs a share for its test part"):
        spatial_split(labels, positions, spec(kind="spatial", validation=0.5), 1)
    with pytest.raises(DataError, match="part of a split has no samples"):
        spatial_split(labels, positions, spec(kind="spatial"), 30)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 4))
def test_no_held_out_pixel_lies_within_a_radius_of_training(seed, radius):
    generator = np.random.default_rng(seed)
    positions = np.argwhere(generator.random((60, 60)) < 0.6)
    labels = generator.integers(0, 3, len(positions))
    try:
        found = spatial_split(labels, positions, spec(kind="spatial", seed=seed), radius)
    except DataError:
        assume(False)
    train, validation, test = (positions[i] for i in (found.train, found.validation, found.test))
    for held_out, others in ((validation, train), (test, train), (test, validation)):
        distance = np.abs(held_out[:, None] - others[None]).max(-1)
        assert distance.min() > radius
    assert len(train) > 0.3 * len(positions)
    assert min(len(validation), len(test)) > 0


def test_splits_file_faults_are_named(tmp_path):
    path = tmp_path / "params.yaml"
    with pytest.raises(InputError, match="no such file"):
        read_splits(path)
    path.write_text("splits: {a: {dataset: digits, train: 0.9, validation: 0.5}}")
    with pytest.raises(InputError, match=r"splits: a: .*train \+ validation is 1.4, above 1"):
        read_splits(path)
    path.write_text("splits: {a: {dataset: digits, train: 0.5, validation: 0.5, sed: 1}}")
    with pytest.raises(InputError, match=r"a.sed: Extra inputs are not permitted, found 1"):
        read_splits(path)
    path.write_text(
        f"splits: {{a: {{dataset: digits, train: 0.5, validation: 0.5, seed: {2**32}}}}}"
    )
    with pytest.raises(InputError, match=r"a.seed: Input should be less than 4294967296"):
        read_splits(path)
    path.write_bytes(b"splits: \xff")
    with pytest.raises(InputError, match="not valid YAML"):
        read_splits(path)
    path.write_text("other: 1")
    with pytest.raises(InputError, match="needs a mapping `splits:`"):
        read_splits(path)
    path.write_text("splits: [")
    with pytest.raises(InputError, match="not valid YAML"):
        read_splits(path)
    path.write_text("splits: {a: {dataset: digits, train: 0.5, validation: 0.5}}")
    with pytest.raises(InputError, match="no split 'b'; known: a"):
        find_split(path, "b")
