"""Known values come from a clock that only the parts of a network move; no result is real time."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from harness.core.errors import InputError
from harness.regimes.boosted import Boosted
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.timing.compaction import batch_times, leaving_logits, throughput
from harness.training.model import ExitModel
from tests.timing.clock import COMBINING, GATING, Slow, images, make, price


def predict(model: ExitModel, inputs: np.ndarray, route: np.ndarray) -> np.ndarray:
    """Everything run at once, then each sample's own exit picked."""
    with torch.inference_mode():
        values = model(torch.from_numpy(inputs))[0].numpy()
    return np.stack([values[exit_, sample] for sample, exit_ in enumerate(route)])


def count(parts: nn.ModuleList) -> list[list[int]]:
    """Where the number of samples in each call of each part will stand."""
    calls: list[list[int]] = [[] for _ in parts]
    for part, sizes in zip(parts, calls, strict=True):
        part.register_forward_hook(lambda _m, inputs, _o, s=sizes: s.append(len(inputs[0])))
    return calls


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_compaction_predicts_as_running_everything_does(data):
    exits = data.draw(st.integers(1, 3))
    regime = data.draw(st.sampled_from([Joint(), Boosted(), LearnedGate()]))
    route = np.array(data.draw(st.lists(st.integers(0, exits - 1), min_size=1, max_size=12)))
    batch = data.draw(st.integers(1, 13))
    model, inputs = make(regime, exits), images(len(route))
    expected = predict(model, inputs, route)
    for compact in (True, False):
        found = leaving_logits(model, inputs, route, batch, compact)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_later_stages_see_only_the_samples_that_are_left():
    model = make()
    stages, heads = count(model.network.stages), count(model.network.heads)
    route = np.array([2, 0, 0, 1, 2, 0, 0, 0, 0, 1, 1])
    leaving_logits(model, images(11), route, batch=4)
    # Batches 2001, 2000 and 011.
    assert stages == [[4, 4, 3], [2, 1, 2], [1, 1]]
    assert heads == stages
    leaving_logits(model, images(11), route, batch=4, compact=False)
    assert [calls[-3:] for calls in stages] == [[4, 4, 3]] * 3


def test_later_stages_run_on_the_remaining_samples():
    model, calls = make(), []
    inputs, route = images(6), np.array([1, 0, 2, 0, 1, 2])
    for stage in model.network.stages[1:]:
        stage.register_forward_hook(lambda _m, given, _o: calls.append(given[0]))
    leaving_logits(model, inputs, route, batch=6)
    with torch.inference_mode():
        features = model.network.stages[0](torch.from_numpy(inputs))
        torch.testing.assert_close(calls[0], features[[0, 2, 4, 5]])
        torch.testing.assert_close(calls[1], model.network.stages[1](features)[[2, 5]])


@pytest.mark.usefixtures("clock")
def test_throughput_by_hand():
    model = make()
    price(model, stage=100, head=10)
    route = np.array([0, 0, 0, 1, 2, 0])
    found = throughput(model, images(6), route, batch=4, repeats=3)
    # Six samples reach stage and head 1, two stage and head 2, one the last.
    assert found.compacted == pytest.approx(1e9 * 6 / (6 * 110 + 2 * 220 + 1 * 330))
    assert found.every_exit == pytest.approx(1e9 / (110 + 220 + 330))
    assert found.static == pytest.approx(1e9 / (100 + 200 + 300 + 30))


@pytest.mark.usefixtures("clock")
def test_throughput_of_one_exit_by_hand():
    model = make(exits=1)
    price(model, stage=100, head=10)
    found = throughput(model, images(3), np.zeros(3, dtype=np.int64), batch=2)
    assert [found.compacted, found.every_exit, found.static] == pytest.approx([1e9 / 110] * 3)


@pytest.mark.usefixtures("clock")
def test_shares_of_a_batch_by_hand():
    model = make(Slow())
    price(model, stage=100, head=10)
    found = batch_times(model, images(6), repeats=3)
    once = COMBINING / 6  # per batch, whatever the exit
    gate = GATING / 6
    np.testing.assert_allclose(found.stages * 1e9, [100, 200, 300])
    np.testing.assert_allclose(found.heads * 1e9, [10, 20, 30])
    np.testing.assert_allclose(found.decisions * 1e9, [once + gate, gate, 0], atol=1e-9)
    np.testing.assert_allclose(
        found.leaving * 1e9, np.array([110, 330, 660]) + once + gate * np.array([1, 2, 2])
    )
    np.testing.assert_allclose(found.static * 1e9, [110, 320, 630])


def test_time_of_a_decision_and_a_copy(clock, monkeypatch):
    """Deciding at exit e is paid by all that come there, copying by those that go on."""
    model = make()
    index_select, nonzero = torch.Tensor.index_select, torch.Tensor.nonzero

    def copied(self, *given):
        clock.now += 40
        return index_select(self, *given)

    def listed(self):
        clock.now += 2
        return nonzero(self)

    monkeypatch.setattr(torch.Tensor, "index_select", copied)
    monkeypatch.setattr(torch.Tensor, "nonzero", listed)
    found = batch_times(model, images(4), repeats=1)
    np.testing.assert_allclose(found.leaving * 4e9, [2, 2 + 40 + 2, 2 + 40 + 2 + 40])
    assert not found.static.any()


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("exit_", [0, 1, 2])
def test_a_batch_that_leaves_together_costs_its_exit(exit_):
    model = make(Slow())
    price(model, stage=100, head=10, call=50)
    inputs, route = images(8), np.full(8, exit_)
    shares = batch_times(model, inputs, repeats=1)
    # Gate heads are timed for the costs alone.
    gates = min(exit_ + 1, 2) * GATING / 8
    whole = throughput(model, inputs, route, batch=8, repeats=1)
    assert shares.leaving[exit_] * 1e9 - gates == pytest.approx(1e9 / whole.compacted)
    assert shares.static[-1] * 1e9 == pytest.approx(1e9 / whole.static)


@pytest.mark.usefixtures("clock")
def test_a_mean_of_exits_forgets_what_a_call_costs_a_small_rest():
    model = make()
    price(model, stage=100, head=10, call=50)
    inputs, route = images(8), np.array([0, 0, 0, 0, 0, 0, 1, 2])
    mean = batch_times(model, inputs, repeats=1).leaving[route].mean()
    clock = 1 / throughput(model, inputs, route, batch=8, repeats=1).compacted
    # Two calls per exit, once for the batch: the mean bills them by how many samples come there.
    assert (clock - mean) * 8e9 == pytest.approx(100 * (3 - (1 + 2 / 8 + 1 / 8)))


@pytest.mark.parametrize("regime", [Joint(), Boosted(), LearnedGate()])
@pytest.mark.parametrize("exits", [1, 3])
def test_shares_are_positive_and_rise(regime, exits):
    found = batch_times(make(regime, exits), images(16), repeats=3)
    assert (found.leaving > 0).all()
    assert (np.diff(found.leaving) > 0).all()
    assert (found.static <= found.leaving).all()


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (lambda m: throughput(m, images(1), np.array([0]), 1, 0), "repeats: at least 1, found 0"),
        (lambda m: throughput(m, images(1), np.array([0]), 0), "batch: at least 1, found 0"),
        (lambda m: batch_times(m, images(0)), "inputs: at least 1, found 0"),
        (lambda m: batch_times(m, images(1), 0), "repeats: at least 1, found 0"),
        (lambda m: leaving_logits(m, images(0), np.zeros(0, dtype=int), 1), "inputs: at least 1"),
        (
            lambda m: leaving_logits(m, images(2), np.array([0]), 1),
            r"route: 2 exits from 0 to 2, found 1 and among them \[\]",
        ),
        (
            lambda m: leaving_logits(m, images(2), np.array([3, -1]), 1),
            r"route: 2 exits from 0 to 2, found 2 and among them \[-1, 3\]",
        ),
    ],
)
def test_bad_input_is_refused(measure, message):
    with pytest.raises(InputError, match=message):
        measure(make())
