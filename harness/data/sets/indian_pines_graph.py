"""Indian Pines as one graph: labelled pixels, joined to their nearest by spectrum and position."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from harness.core.parameters import bounded
from harness.core.types import Graph, Ints, Split
from harness.data.sets import DataSet, RawData, RawFile, build_split
from harness.data.sets.indian_pines_scene import (
    LAND_COVERS,
    SCENE_FILES,
    SCENE_FOLDER,
    read_scene,
    standardised_cube,
)
from harness.data.splits import SplitIndices


@dataclass(frozen=True)
class IndianPinesGraph(DataSet):
    """The labelled pixels of the scene (see `indian_pines`) as the nodes of one graph.

    A node's features are its pixel's spectrum [200]. Edges lead to the `neighbours` nearest pixels
    and back, by squared distance = mean over bands of the squared difference of the standardised
    spectra + (`spatial` * distance in pixels)^2. No label is used.

    Transductive: spectra of validation and test pixels, never their labels, are in the graph that
    training sees. Fields are larger than a pixel, so most neighbours share a label: under a random
    split a test pixel has training pixels of its own field next to it, and accuracies cannot be
    compared with those of a spectrum alone. A spatial split keeps `margin` pixels free between its
    parts; pixels of that margin are nodes of the graph that belong to no part.
    """

    neighbours: Annotated[int, bounded(1, 100, "nearest pixels that a pixel has edges to")] = 5
    spatial: Annotated[
        float, bounded(0, 10, "weight of a pixel of distance against one of spectral difference")
    ] = 0.02
    margin: Annotated[
        int, bounded(0, 20, "pixels kept free between the parts of a spatial split")
    ] = 2

    folder: ClassVar[str] = SCENE_FOLDER
    classes: ClassVar[tuple[str, ...]] = LAND_COVERS
    files: ClassVar[tuple[RawFile, ...]] = SCENE_FILES

    def read(self, raw: Path) -> RawData:
        """Read cube and ground truth."""
        return read_scene(raw, "indian_pines_graph")

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Node indices and the graph, each band standardised on the training pixels only."""
        cube = standardised_cube(data, indices.train)
        spectra = cube[tuple(data.positions.T)]
        spectral = spectra.astype(np.float64) / np.sqrt(spectra.shape[1])
        points = np.hstack([spectral, self.spatial * data.positions])
        split = build_split(
            lambda i: i[:, None].astype(np.float32), data.labels, indices, self.classes
        )
        edges = nearest_neighbour_edges(points, self.neighbours)
        return replace(split, graph=Graph(spectra, edges))

    def radius(self) -> int:
        """The margin of a spatial split whose `margin` is `centre`; `patch` keeps twice it."""
        return self.margin


def nearest_neighbour_edges(points: npt.NDArray[np.float64], neighbours: int) -> Ints:
    """Edges [2, M] of the symmetric nearest-neighbour graph of points [V, dimensions].

    Every edge exists once in each direction; edges are sorted by target, then source.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(points)
    found = search.kneighbors(return_distance=False)
    origin = np.repeat(np.arange(len(points)), neighbours)
    one_way = np.stack([origin, found.reshape(-1)])
    # np.unique sorts by the first row, so the target comes first and the rows are swapped after.
    target, source = np.unique(np.hstack([one_way, one_way[::-1]]), axis=1)
    return np.stack([source, target])
