"""The graph of Indian Pines' pixels against brute force, on real spectra."""

import dataclasses

import numpy as np
import pytest

from harness.data.sets.indian_pines import IndianPines
from harness.data.sets.indian_pines_graph import IndianPinesGraph, nearest_neighbour_edges
from harness.data.splits import SplitIndices

NODES = 300
INDICES = SplitIndices(np.arange(0, 120), np.arange(120, 200), np.arange(200, 260))


@pytest.fixture(scope="module")
def scene(indian_pines):
    """The first labelled pixels of the real scene."""
    whole = IndianPinesGraph().read(indian_pines)
    return dataclasses.replace(
        whole, labels=whole.labels[:NODES], positions=whole.positions[:NODES]
    )


def edges_of(split):
    return set(zip(*split.graph.edges.tolist(), strict=True))


@pytest.mark.parametrize(("neighbours", "spatial"), [(1, 0.02), (5, 0.02), (5, 0.0), (3, 10.0)])
def test_edges_are_those_of_brute_force(scene, neighbours, spatial):
    plugin = IndianPinesGraph(neighbours=neighbours, spatial=spatial)
    split = plugin.inputs(scene, INDICES)
    spectra = split.graph.nodes.astype(np.float64)
    distance = ((spectra[:, None] - spectra) ** 2).mean(-1)
    steps = scene.positions[:, None] - scene.positions
    distance += spatial**2 * (steps**2).sum(-1)
    np.fill_diagonal(distance, np.inf)
    found = edges_of(split)
    for node, row in enumerate(distance):
        # What lies at equal distance (pixels of a grid do) may be on either side of the cut.
        cut = np.sort(row)[neighbours - 1]
        certain, possible = np.flatnonzero(row < cut - 1e-9), np.flatnonzero(row <= cut + 1e-9)
        assert {(int(other), node) for other in certain} <= found
        asked = [other for other in possible if (int(other), node) in found]
        assert len(asked) >= neighbours
    reach = np.sort(distance, 1)[:, neighbours - 1] + 1e-9
    assert all(distance[i, j] <= max(reach[i], reach[j]) for i, j in found)


def test_edges_go_both_ways_once_and_never_to_the_node_itself(scene):
    edges = IndianPinesGraph().inputs(scene, INDICES).graph.edges
    assert (edges.dtype, edges.shape[0]) == (np.int64, 2)
    pairs = list(zip(*edges.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert {(b, a) for a, b in pairs} == set(pairs)
    assert (edges[0] != edges[1]).all()
    assert (np.diff(edges[1]) >= 0).all()
    assert np.bincount(edges[1], minlength=NODES).min() >= 5


def test_edges_of_points_on_a_line():
    points = np.array([[0.0], [1.0], [3.0], [3.5]])
    assert nearest_neighbour_edges(points, 1).T.tolist() == [[1, 0], [0, 1], [3, 2], [2, 3]]
    assert nearest_neighbour_edges(points, 2).T.tolist() == [
        [1, 0], [2, 0], [0, 1], [2, 1], [3, 1], [0, 2], [1, 2], [3, 2], [1, 3], [2, 3],
    ]  # fmt: skip


def test_nodes_are_the_spectra_and_inputs_name_them(scene):
    split = IndianPinesGraph().inputs(scene, INDICES)
    spectra = IndianPines().inputs(scene, INDICES)
    assert split.shape.inputs == (200,)
    for part in ("train", "validation", "test"):
        asked, plain = getattr(split, part), getattr(spectra, part)
        assert (asked.inputs.dtype, asked.inputs.shape[1:]) == (np.float32, (1,))
        at = asked.inputs[:, 0].astype(int)
        assert np.array_equal(split.graph.nodes[at], plain.inputs[:, 0])
        assert np.array_equal(asked.labels, plain.labels)
    assert np.abs(split.graph.nodes[INDICES.train].mean(0)).max() < 1e-4
    assert np.abs(split.graph.nodes[INDICES.train].std(0) - 1).max() < 1e-3


def test_no_label_shapes_the_graph(scene):
    other = dataclasses.replace(scene, labels=scene.labels[::-1].copy())
    found, same = (IndianPinesGraph().inputs(data, INDICES).graph for data in (scene, other))
    assert np.array_equal(found.edges, same.edges)
    assert np.array_equal(found.nodes, same.nodes)
