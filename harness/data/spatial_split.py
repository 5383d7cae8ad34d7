"""Spatial splits of a scene: disjoint blocks, with a margin of unused pixels between parts."""

import numpy as np

from harness.core.errors import DataError
from harness.core.manifest import SplitSpec
from harness.core.types import Bools, Floats, Ints
from harness.data.splits import SplitIndices

_SMALLEST_BLOCK = 8


def margin_of(spec: SplitSpec, radius: int) -> int:
    """Width in pixels of a spatial split's margin, for patches of a radius."""
    return 2 * radius if spec.margin == "patch" else radius


def spatial_split(labels: Ints, positions: Ints, spec: SplitSpec, radius: int) -> SplitIndices:
    """Split a scene by random blocks, with a margin of unused pixels between parts.

    Blocks are assigned one by one, each to the part that lacks its classes most (relative to the
    requested shares), so that every class is spread as evenly as its blocks allow. The calibration
    part is drawn pixel by pixel, at random, from the blocks of the test part: the two are
    exchangeable, which guarantees rest on, and both keep the margin to train and validation.

    Parameters
    ----------
    labels, positions
        int64 [N] and [N, 2] (row, column).
    radius
        In pixels, of the inputs of one sample.

    Raises
    ------
    DataError
        The shares leave nothing to test, or a part has no sample.
    """
    held_out = 1 - spec.train - spec.validation
    if held_out - spec.calibration < 1e-9:  # noqa: PLR2004 -- rounding
        raise DataError(
            f"train + validation + calibration is {1 - held_out + spec.calibration}: a spatial "
            "split needs a share for its test part"
        )
    generator = np.random.default_rng(spec.seed)
    margin = margin_of(spec, radius)
    # Blocks wide enough that most of one outlives margins on all of its sides.
    size = max(_SMALLEST_BLOCK, 3 * margin + 2)
    offset = generator.integers(0, size, 2)
    cells = (positions + offset) // size
    blocks = np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1)
    shares = np.array([spec.train, spec.validation, held_out])
    part = _assign_blocks(labels, blocks, shares, generator)[blocks]
    train, validation, other = (part == number for number in range(3))
    validation &= ~within(positions, positions[train], margin)
    rest = np.flatnonzero(other & ~within(positions, positions[train | validation], margin))
    chosen = generator.permutation(rest)[: round(spec.calibration / held_out * len(rest))]
    return SplitIndices(
        np.flatnonzero(train),
        np.flatnonzero(validation),
        np.setdiff1d(rest, chosen),
        np.sort(chosen),
    )


def within(positions: Ints, others: Ints, radius: int) -> Bools:
    """Which positions lie within `radius` pixels (in rows and columns) of any of the others."""
    from scipy.ndimage import maximum_filter

    scene = np.zeros(np.vstack([positions, others]).max(0) + 1, dtype=bool)
    scene[tuple(others.T)] = True
    grown = maximum_filter(scene, size=2 * radius + 1, mode="constant")
    found: Bools = grown[tuple(positions.T)]
    return found


def _assign_blocks(
    labels: Ints, blocks: Ints, shares: Floats, generator: np.random.Generator
) -> Ints:
    """Part of each block: 0 train, 1 validation, 2 test and calibration."""
    present, codes = np.unique(labels, return_inverse=True)
    counts = np.zeros((blocks.max() + 1, len(present)))
    np.add.at(counts, (blocks, codes), 1)
    totals = counts.sum(0)
    given = np.zeros((3, counts.shape[1]))
    part = np.zeros(len(counts), dtype=np.int64)
    rarity = (counts / totals).max(1)
    order = np.lexsort((generator.random(len(counts)), -np.round(rarity, 1)))
    for block in order:
        lack = shares[:, None] * totals - given
        part[block] = np.argmax((lack * counts[block] / totals / shares[:, None]).sum(1))
        given[part[block]] += counts[block]
    return part
