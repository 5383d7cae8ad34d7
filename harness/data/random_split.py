"""Random splits, stratified by class: by shares of the samples, or by samples per class."""

from collections.abc import Sequence

import numpy as np

from harness.core.errors import DataError
from harness.core.manifest import Amount, SplitSpec
from harness.core.types import Ints
from harness.data.splits import SplitIndices, no_samples

_PAIR = 2
"""Fewest samples of a class that can be divided."""


def random_split(labels: Ints, spec: SplitSpec, test: Ints, names: Sequence[str]) -> SplitIndices:
    """Split at random, stratified by class.

    Train is drawn first, validation from the rest and calibration from what is left then, so that
    a calibration part changes neither. A number of samples per class takes at most half of the
    samples that a class still has.

    Parameters
    ----------
    labels
        int64 [N].
    test
        The canonical test part, left unchanged; empty where there is none.
    names
        Names of the classes, for messages.

    Raises
    ------
    DataError
        A share cannot be stratified, or a part would have no sample.
    """
    rest = np.setdiff1d(np.arange(len(labels)), test)
    samples, drawn = len(rest), {}
    for part in ("train", "validation", "calibration"):
        amount = getattr(spec, part)
        if isinstance(amount, float):
            size = round(amount * samples)
            drawn[part], rest = _share(labels, rest, (part, amount, size), spec.seed, names)
        else:
            drawn[part], rest = _per_class(labels, rest, amount, spec.seed)
    parts = {part: np.sort(index) for part, index in drawn.items()}
    return SplitIndices(**parts, test=np.sort(test if len(test) else rest))


def _share(
    labels: Ints, pool: Ints, wanted: tuple[str, Amount, int], seed: int, names: Sequence[str]
) -> tuple[Ints, Ints]:
    """A stratified share of the pool, and the rest."""
    from sklearn.model_selection import train_test_split

    part, share, size = wanted
    if size >= len(pool):
        return pool, no_samples()
    found, counts = np.unique(labels[pool], return_counts=True)
    if counts.min() < _PAIR:
        alone = ", ".join(names[label] for label in found[counts < _PAIR])
        raise DataError(
            f"a {part} share of {share} cannot be stratified: one sample is left of {alone}; "
            f"`{part}: N` takes N samples per class, and at most half of a class"
        )
    try:
        taken, left = train_test_split(
            pool, train_size=size, stratify=labels[pool], random_state=seed
        )
    except ValueError as error:
        raise DataError(f"a {part} share of {share} cannot be stratified: {error}") from None
    return taken, left


def _per_class(labels: Ints, pool: Ints, amount: int, seed: int) -> tuple[Ints, Ints]:
    """A number of samples of each class in the pool, and the rest."""
    order = np.random.default_rng(seed).permutation(pool)
    members = [order[labels[order] == label] for label in np.unique(labels[pool])]
    taken = np.concatenate([no_samples(), *(m[: min(amount, len(m) // 2)] for m in members)])
    return taken, np.setdiff1d(pool, taken)
