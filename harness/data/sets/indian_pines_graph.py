"""Indian Pines as one graph: its labelled pixels, each next to those like it and near it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from harness.core.parameters import bounded
from harness.core.types import Graph, Ints, Split
from harness.data.sets import DataSet, RawData, RawFile, divide
from harness.data.sets.indian_pines_scene import (
    CLASSES,
    FILES,
    FOLDER,
    read_scene,
    standardised_cube,
)
from harness.data.splits import SplitIndices


@dataclass(frozen=True)
class IndianPinesGraph(DataSet):
    """The labelled pixels of the scene (see `indian_pines`) as the nodes of one graph.

    A node's features are its pixel's spectrum [200]. Edges lead to the `neighbours` nearest pixels
    and back, by squared distance = mean over bands of the squared difference of the standardised
    spectra + (`spatial` * distance in pixels)^2. No label is used for it.

    Transductive: spectra of validation and test pixels, never their labels, are in the graph that
    training sees. Fields are larger than a pixel, so most neighbours share a label: under a random
    split a test pixel has training pixels of its own field next to it, and accuracies cannot be
    compared with those of a spectrum alone. A spatial split keeps `margin` pixels free between its
    parts; pixels of that margin are nodes that no part asks for.
    """

    neighbours: Annotated[int, bounded(1, 100, "nearest pixels that a pixel has edges to")] = 5
    spatial: Annotated[
        float, bounded(0, 10, "weight of a pixel of distance against one of spectral difference")
    ] = 0.02
    margin: Annotated[
        int, bounded(0, 20, "pixels kept free between the parts of a spatial split")
    ] = 2

    folder: ClassVar[str] = FOLDER
    classes: ClassVar[tuple[str, ...]] = CLASSES
    files: ClassVar[tuple[RawFile, ...]] = FILES

    def read(self, raw: Path) -> RawData:
        """Read cube and ground truth."""
        return read_scene(raw, "indian_pines_graph")

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Node indices and the graph, each band standardised on the training pixels only."""
        cube = standardised_cube(data, indices.train)
        spectra = cube[tuple(data.positions.T)]
        near = spectra.astype(np.float64) / np.sqrt(spectra.shape[1])
        places = np.hstack([near, self.spatial * data.positions])
        split = divide(lambda i: i[:, None].astype(np.float32), data.labels, indices, self.classes)
        return replace(split, graph=Graph(spectra, nearest(places, self.neighbours)))

    def radius(self) -> int:
        """The margin of a spatial split."""
        return self.margin


def nearest(places: npt.NDArray[np.float64], neighbours: int) -> Ints:
    """Edges [2, M] from each place [V, dimensions] to its nearest others, and back.

    An edge that both ends ask for is there once in each direction; edges are sorted by target,
    then source.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(places)
    found = search.kneighbors(return_distance=False)
    asking = np.repeat(np.arange(len(places)), neighbours)
    one_way = np.stack([asking, found.reshape(-1)])
    # Unique sorts by the first row: with the target there, the rows are swapped back after it.
    target, source = np.unique(np.hstack([one_way, one_way[::-1]]), axis=1)
    return np.stack([source, target])
