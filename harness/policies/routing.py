"""Routing: the exit that each sample takes, from confidences and thresholds."""

import numpy as np

from harness.core.types import Floats, Ints


def route(confidence: Floats, thresholds: Floats) -> Ints:
    """Index (from 0) of the exit taken by each sample: [N].

    Parameters
    ----------
    confidence
        [E, N].
    thresholds
        [E-1]; a sample leaves at the first exit whose confidence reaches its threshold, at the
        last exit always.

    Examples
    --------
    >>> route(np.array([[0.9, 0.2], [0.5, 0.5]]), np.array([0.8]))
    array([0, 1])
    """
    leaves = np.ones(confidence.shape, dtype=bool)
    leaves[:-1] = confidence[:-1] >= thresholds[:, None]
    exits: Ints = leaves.argmax(0).astype(np.int64)
    return exits
