"""Array types and the dataclasses that hold them. Axis order is always T, E, N, K.

See docs/shapes.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from harness.core.errors import InputError

Floats = npt.NDArray[np.float64]
Logits = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Labels: TypeAlias = Ints | npt.NDArray[np.float32]
"""Class indices [N] from 0, or standardised targets [N, D] of a regression."""
Inputs: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.uint8]
"""Inputs [N, channels, *space]: standardised, or bytes that a `Standardisation` belongs to."""
Weights: TypeAlias = Mapping[str, npt.NDArray[np.float32]]
"""A network's parameters by their name in its state dict."""

TaskName: TypeAlias = Literal["classification", "regression"]
"""What an exit predicts: one of K classes, or D real values."""
EVERY_TASK: tuple[TaskName, ...] = ("classification", "regression")
SCORES: Mapping[TaskName, str] = {"classification": "accuracy", "regression": "r2"}
"""What tables call the mean score."""


def _task_of(labels: Labels) -> TaskName:
    return "regression" if labels.dtype.kind == "f" else "classification"


@dataclass(frozen=True)
class DataShape:
    """Shape of the data that a network is built for.

    Attributes
    ----------
    inputs
        Shape of one sample as the first stage reads it, [channels, *space]; of a node [C].
    names
        Number of classes, or of targets.
    """

    inputs: tuple[int, ...]
    names: int
    task: TaskName


@dataclass(frozen=True)
class Part:
    """One part of a split.

    Attributes
    ----------
    inputs
        float32 [N, channels, *space]: standardised network inputs; or uint8, as stored, where the
        split has a standardisation. Where it has a graph float32 [N, 1]: the index of each sample's
        node, exact up to 2^24.
    labels
        int64 [N]: class indices from 0; for regression float32 [N, D]: targets, each standardised
        on the training part.
    """

    inputs: Inputs
    labels: Labels


@dataclass(frozen=True)
class Standardisation:
    """Moments that standardise inputs: (x - mean) / deviation, over the training part.

    Attributes
    ----------
    mean, deviation
        float32, broadcast to one sample [channels, *space].
    """

    mean: npt.NDArray[np.float32]
    deviation: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Graph:
    """A graph whose nodes are the samples.

    Attributes
    ----------
    nodes
        float32 [V, C]: features of each node, standardised.
    edges
        int64 [2, M]: source and target of each edge, sorted by target, then source. Every edge
        exists in both directions, none twice; there are no self loops.
    """

    nodes: npt.NDArray[np.float32]
    edges: Ints


@dataclass(frozen=True)
class Split:
    """A data set divided into train, validation, test and perhaps calibration.

    Attributes
    ----------
    classes
        Class names [K], in the order of the label indices; for regression target names [D].
    digest
        Hex digest of everything the split's numbers depend on.
    graph
        The graph whose nodes are the samples of all parts; None where they are separate.
    calibration
        Samples that choose nothing but what guarantees and temperatures need; None for a split
        without them.
    standardisation
        Of inputs stored as bytes, which take a quarter of the memory; None where the parts hold
        standardised inputs.
    """

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    digest: str
    graph: Graph | None = None
    calibration: Part | None = None
    standardisation: Standardisation | None = None

    def standardised(self, inputs: Inputs) -> npt.NDArray[np.float32]:
        """Network inputs, of a part's."""
        values = inputs.astype(np.float32, copy=False)
        if self.standardisation is None:
            return values
        found: npt.NDArray[np.float32] = (
            values - self.standardisation.mean
        ) / self.standardisation.deviation
        return found

    @property
    def parts(self) -> Mapping[str, Part]:
        """The parts by their names, in the order of their use."""
        every = {
            "train": self.train,
            "validation": self.validation,
            "calibration": self.calibration,
            "test": self.test,
        }
        return {name: part for name, part in every.items() if part is not None}

    @property
    def task(self) -> TaskName:
        """The task, read from the labels' dtype."""
        return _task_of(self.train.labels)

    @property
    def shape(self) -> DataShape:
        """Input shape, number of outputs and task: all that a network is built from."""
        read = self.train.inputs if self.graph is None else self.graph.nodes
        return DataShape(read.shape[1:], len(self.classes), self.task)


@dataclass(frozen=True)
class ExitLogits:
    """Outputs of every exit for every sample, kept so that policies can be applied post hoc.

    Attributes
    ----------
    values
        float32 [E, N, K]: logits; for regression [E, N, 2 D]: means and logarithms of variances.
    labels
        int64 [N]; for regression float32 [N, D].
    gates
        float32 [E, N]: the gate heads' probability that each exit is correct; None for a network
        without gate heads.
    """

    values: Logits
    labels: Labels
    gates: Logits | None = None

    @property
    def task(self) -> TaskName:
        """The task, read from the labels' dtype."""
        return _task_of(self.labels)

    @property
    def class_labels(self) -> Ints:
        """The labels of a classification [N]; raises InputError for a regression."""
        if self.task != "classification":
            raise InputError("defined for classification only, found the outputs of a regression")
        return self.labels.astype(np.int64, copy=False)

    @property
    def means(self) -> Floats:
        """Predicted means of a regression: float64 [E, N, D]."""
        return np.split(self.values.astype(np.float64), 2, axis=-1)[0]

    @property
    def variances(self) -> Floats:
        """Predicted variances of a regression: float64 [E, N, D], above 0."""
        variances: Floats = np.exp(np.split(self.values.astype(np.float64), 2, axis=-1)[1])
        return variances


@dataclass(frozen=True)
class ExitCosts:
    """Cost of leaving at each exit, per sample (docs/methods.md, "Cost").

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
    """Operating points of one network; the exact table's are non-dominated, by rising cost.

    Attributes
    ----------
    thresholds
        float64 [F, E-1]: a sample leaves at the first exit whose confidence reaches its threshold.
    score
        float64 [F]: mean score, which is the accuracy, or R^2 for regression.
    cost
        float64 [F]: mean cost per sample, in the unit of the given costs.
    """

    thresholds: Floats
    score: Floats
    cost: Floats


@dataclass(frozen=True)
class Staircase:
    """A score as a function of the cost budget, level from each step to the next.

    Attributes
    ----------
    budget
        float64 [S], strictly rising: where each step begins.
    score
        float64 [..., S]: the score from there on, which may fall; leading axes are resamples.
    """

    budget: Floats
    score: Floats

    def at(self, budgets: Floats) -> Floats:
        """The score at each budget: float64 [..., B]; -inf before the first step.

        Examples
        --------
        >>> steps = Staircase(np.array([0.2, 0.5]), np.array([0.9, 0.8]))
        >>> steps.at(np.array([0.1, 0.2, 1.0])).tolist()
        [-inf, 0.9, 0.8]
        """
        before = np.full((*self.score.shape[:-1], 1), -np.inf)
        steps = np.searchsorted(self.budget, budgets, side="right")
        found: Floats = np.concatenate([before, self.score], axis=-1)[..., steps]
        return found
