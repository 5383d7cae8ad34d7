import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.core.errors import DataError
from harness.core.manifest import SplitSpec
from harness.data.draw import shared_pixels
from harness.data.spatial_split import margin_of, spatial_split


def spec(**fields):
    chosen = {"dataset": "x", "kind": "spatial", "train": 0.5, "validation": 0.25, **fields}
    return SplitSpec(**chosen)


def pixels_of(position, radius):
    """The pixels of a patch."""
    row, column = position
    reach = range(-radius, radius + 1)
    return {(row + down, column + right) for down in reach for right in reach}


def scene(seed, side):
    generator = np.random.default_rng(seed)
    positions = np.argwhere(generator.random((side, side)) < 0.5)
    return positions, generator.integers(0, 3, len(positions))


@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.integers(0, 3),
    st.sampled_from(["centre", "patch"]),
    st.sampled_from([0, 0.1]),
)
def test_margins_by_brute_force(seed, radius, margin, calibration):
    positions, labels = scene(seed, 70)
    asked = spec(seed=seed, margin=margin, calibration=calibration)
    try:
        found = spatial_split(labels, positions, asked, radius)
    except DataError:
        assume(False)
    train, validation = positions[found.train], positions[found.validation]
    late = positions[np.concatenate([found.test, found.calibration])]
    # Two patches share no pixel exactly where none of one's pixels is in the union of the others'.
    reach = radius if margin == "patch" else 0
    for held_out, others in ((validation, train), (late, train), (late, validation)):
        read = set().union(*(pixels_of(p, radius) for p in others.tolist()))
        assert not any(pixels_of(p, reach) & read for p in held_out.tolist())
    assert len(train) > 0.3 * len(positions)
    assert (len(found.calibration) > 0) == (calibration > 0)
    if margin == "patch":
        assert shared_pixels(positions, found, radius) == 0


def test_calibration_and_test_are_one_random_draw():
    positions, labels = scene(0, 90)
    plain, held = (spatial_split(labels, positions, spec(calibration=c), 1) for c in (0, 0.1))
    for part in ("train", "validation"):
        assert np.array_equal(getattr(held, part), getattr(plain, part))
    assert np.array_equal(np.sort(np.r_[held.test, held.calibration]), plain.test)
    assert len(held.calibration) == round(0.1 / 0.25 * len(plain.test))


def test_the_margin_of_patches_is_twice_the_radius():
    assert [margin_of(spec(margin=m), 2) for m in ("centre", "patch")] == [2, 4]


def test_labels_that_no_sample_has_do_no_harm():
    positions, labels = scene(1, 60)
    found, other = (
        spatial_split(numbers, positions, spec(), 1) for numbers in (labels, labels * 2)
    )
    assert np.array_equal(found.test, other.test)


def test_a_spatial_split_needs_a_test_part():
    positions = np.argwhere(np.ones((40, 40)))
    labels = np.arange(len(positions)) % 3
    for fields in ({"validation": 0.5}, {"calibration": 0.25}):
        with pytest.raises(DataError, match="needs a share for its test part"):
            spatial_split(labels, positions, spec(**fields), 1)
    with pytest.raises(DataError, match="part of a split has no samples"):
        spatial_split(labels, positions, spec(), 30)
