"""Known values come from a clock that only the parts of a network move; no result is real time."""

import numpy as np
import pytest
import torch

from harness.core.errors import InputError
from harness.regimes.boosted import Boosted
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.timing import latency
from harness.timing.compaction import batch_times, leaving_logits, throughput
from harness.timing.latency import exit_latencies
from tests.timing.clock import COMBINING, GATING, Slow, images, make, price


@pytest.mark.usefixtures("clock")
def test_latencies_by_hand():
    model = make(Slow())
    price(model, stage=100, head=10)
    found = exit_latencies(model, images(2), repeats=3)
    combining = COMBINING / 3
    np.testing.assert_allclose(found.stages * 1e9, [100, 200, 300])
    np.testing.assert_allclose(found.heads * 1e9, [10, 20, 30])
    np.testing.assert_allclose(
        found.decisions * 1e9, [GATING + combining, GATING + combining, combining]
    )
    np.testing.assert_allclose(found.leaving * 1e9, [127, 127 + 237, 127 + 237 + 340])
    np.testing.assert_allclose(found.static * 1e9, [110, 320, 630])


def test_a_median_is_not_moved_by_a_slow_pass(clock):
    model = make(exits=1)
    costs = iter([10_000] * latency.WARM_UP + [5, 9_000, 5, 6, 5])

    def pay(*_):
        clock.now += next(costs)

    model.network.stages[0].register_forward_hook(pay)
    assert exit_latencies(model, images(1), repeats=5).leaving * 1e9 == pytest.approx([5])


@pytest.mark.parametrize("regime", [Joint(), Boosted(), LearnedGate()])
@pytest.mark.parametrize("exits", [1, 2, 3])
def test_latencies_are_positive_and_rise(regime, exits):
    found = exit_latencies(make(regime, exits), images(2), repeats=3)
    for seconds in (found.leaving, found.static):
        assert seconds.shape == (exits,)
        assert (seconds > 0).all()
    assert (np.diff(found.leaving) > 0).all()
    assert (found.static <= found.leaving).all()


def test_samples_come_alone_and_in_turn():
    model, calls = make(), []
    model.network.stages[0].register_forward_hook(lambda _m, inputs, _o: calls.append(inputs[0]))
    inputs = images(3)
    exit_latencies(model, inputs, repeats=3)
    assert len(calls) == latency.WARM_UP + 3
    np.testing.assert_array_equal(torch.cat(calls[-3:]).numpy(), inputs)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_exits_decide_by_the_confidence_of_their_task(decided, task):
    model, batch = make(), images(4)
    exit_latencies(model, batch, 1, task)
    batch_times(model, batch, 1, task)
    throughput(model, batch, np.array([0, 1, 2, 0]), 4, 1, task)
    assert decided == {task}


@pytest.mark.parametrize(
    "measure",
    [
        lambda model: exit_latencies(model, images(2), repeats=2),
        lambda model: throughput(model, images(4), np.array([0, 1, 2, 0]), 2, repeats=1),
        lambda model: batch_times(model, images(4), repeats=2),
        lambda model: leaving_logits(model, images(4), np.array([0, 1, 2, 0]), 2),
    ],
)
@pytest.mark.parametrize("fails", [False, True])
def test_one_thread_no_gradient_and_nothing_left_changed(measure, fails):
    model, calls = make(LearnedGate()), []

    def record(*_):
        calls.append((torch.get_num_threads(), torch.is_inference_mode_enabled(), model.training))
        if fails:
            raise ArithmeticError

    model.network.heads[0].register_forward_hook(record)
    before, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(2)
    try:
        if fails:
            with pytest.raises(ArithmeticError):
                measure(model)
        else:
            measure(model)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(calls) == {(1, True, False)}
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (lambda m: exit_latencies(m, images(0)), "inputs: at least 1, found 0"),
        (lambda m: exit_latencies(m, images(1), 0), "repeats: at least 1, found 0"),
    ],
)
def test_bad_input_is_refused(measure, message):
    with pytest.raises(InputError, match=message):
        measure(make())
