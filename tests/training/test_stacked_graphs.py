"""When a step is recorded and when it is not; the recording itself needs CUDA."""

import gc
import weakref

import pytest
import torch

from harness.regimes import REGIMES
from harness.training import stacked_graphs
from harness.training.options import TrainingOptions
from harness.training.stacked_graphs import StepGraphs
from tests.training import test_train_stack
from tests.training.test_train_stack import assert_same, both_ways, members

CPU = torch.device("cpu")
digits = test_train_stack.digits


class Replaying:
    """Stands for a recorded step: computes it anew, under what it is recorded under."""

    def __init__(self, graphs, compute):
        self.graphs, self.compute = graphs, compute

    def replayed(self, given):
        with self.graphs._modes(), self.graphs._constants.known():
            return self.graphs._called(self.compute, given)


@pytest.fixture
def recorded(monkeypatch):
    """Shapes of what was recorded."""
    shapes = []

    def record(graphs, compute, given):
        shapes.append(tuple(given[1].shape))
        return Replaying(graphs, compute)

    monkeypatch.setattr(stacked_graphs, "GRAPHS_ON", frozenset({"cpu"}))
    monkeypatch.setattr(StepGraphs, "_recorded", record)
    return shapes


def compute(rate, inputs, labels, progress):
    return inputs.sum() * rate[:, 0], labels * progress


def given(samples):
    return torch.ones(2, 1), torch.ones(2, samples), torch.ones(2, 3)


def test_each_shape_is_recorded_once_it_comes_again(recorded):
    graphs = StepGraphs(CPU)
    for samples in (4, 4, 4, 3, 4, 3):
        losses, weights = graphs.take(compute, given(samples), 0.25)
        assert losses.tolist() == [2.0 * samples] * 2
        assert weights.unique().tolist() == [0.25]
    assert recorded == [(2, 4), (2, 3)]


def test_without_graphs_a_step_gets_a_number(monkeypatch):
    monkeypatch.setattr(stacked_graphs, "GRAPHS_ON", frozenset())
    seen = []
    StepGraphs(CPU).take(lambda *all_: seen.append(all_[-1]), given(2), 0.5)
    assert seen == [0.5]


def test_what_cannot_be_recorded_is_computed_as_it_comes(monkeypatch):
    tried = []
    monkeypatch.setattr(stacked_graphs, "GRAPHS_ON", frozenset({"cpu"}))
    monkeypatch.setattr(StepGraphs, "_recorded", lambda *_: tried.append(1))
    graphs = StepGraphs(CPU)
    for _ in range(4):
        losses, _ = graphs.take(compute, given(4), 0.5)
        assert losses.tolist() == [8.0, 8.0]
    assert tried == [1]


@pytest.mark.parametrize("name", ["cgt_official", "hard_cgt", "joint", "learned_gate", "separate"])
def test_a_regime_is_what_it_is_where_its_numbers_lie_on_the_device(digits, recorded, name):
    regime = REGIMES.get(name)()
    options = TrainingOptions(epochs=4, batch_size=64)
    both = both_ways(members(regime), members(regime), digits, [options] * 3)
    for found, expected in zip(*both, strict=True):
        assert_same(found, expected)
    assert len(recorded) == 2  # whole batches, and the last ones


def test_who_leaves_a_stack_leaves_its_recorded_steps(digits, recorded):
    rates = (0.01, 9.0, 0.01)
    options = [
        TrainingOptions(
            epochs=4, batch_size=50, optimizer="sgd", learning_rate=rate, momentum=0.999,
            weight_decay=rate / 9,
        )
        for rate in rates
    ]  # fmt: skip
    regime = REGIMES.get("joint")()
    found, expected = both_ways(members(regime), members(regime), digits, options)
    assert str(found[1]) == str(expected[1])
    assert {shape[0] for shape in recorded} == {3, 2}
    assert_same(found[0], expected[0])
    assert_same(found[2], expected[2])


def test_what_a_graph_reads_is_not_freed_when_it_is_made_again_for_another_shape():
    """Of the first shape's graph the address is known alone: the memory would be used anew."""
    constants = StepGraphs(CPU)._constants
    with constants:
        first = weakref.ref(torch.tensor([0.25, 0.75]))
        with constants.known():
            assert torch.tensor([0.25, 0.75]) is first()
        second = torch.tensor([0.25, 0.75])
    gc.collect()
    assert first() is not None
    assert first() is not second
