"""The vocabulary of arrays. Axis order is always T, E, N, K (see docs/shapes.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Logits = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Weights: TypeAlias = Mapping[str, npt.NDArray[np.float32]]
"""A network's parameters by their name in its state dict."""


@dataclass(frozen=True)
class Part:
    """One part of a split.

    Attributes
    ----------
    inputs
        float32 [N, channels, *space]: standardised network inputs.
    labels
        int64 [N]: class indices from 0.
    """

    inputs: npt.NDArray[np.float32]
    labels: Ints


@dataclass(frozen=True)
class Split:
    """A data set divided into train, validation and test.

    Attributes
    ----------
    classes
        Class names [K], in the order of the label indices.
    digest
        Hex digest of everything the split's numbers depend on.
    """

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class ExitLogits:
    """Outputs of every exit for every sample, kept so that policies can be applied post hoc.

    Attributes
    ----------
    values
        float32 [E, N, K].
    labels
        int64 [N].
    gates
        float32 [E, N]: how probable the network's own gate heads hold it that an exit is right;
        None where its regime trains none.
    """

    values: Logits
    labels: Ints
    gates: Logits | None = None


@dataclass(frozen=True)
class ExitCosts:
    """What it costs one sample to leave at each exit (METHODS section 3).

    Attributes
    ----------
    macs
        float64 [E]: MACs of stages 1..e and heads 1..e.
    full
        MACs of the untruncated static network: all its stages and its last head alone.
    parameters
        int64 [E]: parameters of stages 1..e and heads 1..e.
    """

    macs: Floats
    full: float
    parameters: Ints


@dataclass(frozen=True)
class Frontier:
    """Operating points of one network; those of the exact table are non-dominated, by rising cost.

    Attributes
    ----------
    thresholds
        float64 [F, E-1]: a sample leaves at the first exit whose confidence reaches its threshold.
    accuracy
        float64 [F] in [0, 1].
    cost
        float64 [F]: mean cost per sample, in the unit of the costs that were given.
    """

    thresholds: Floats
    accuracy: Floats
    cost: Floats
