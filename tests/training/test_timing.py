"""Known answers come from a clock that only the parts of a network move; no result is real time."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from harness.core.errors import InputError
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import Regime
from harness.regimes.boosted import Boosted
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.regimes.soft_cgt import SoftCGT
from harness.training import timing
from harness.training.model import ExitModel
from harness.training.timing import exit_latencies, leaving_logits, measured_costs, throughput

SHAPE, CLASSES = (1, 8, 8), 5
RECIPE = ImageCNN(widths=(2, 4, 4), pool=2)
COMBINING, GATING = 30, 7


class Clock:
    now = 0

    def read(self) -> int:
        return self.now


CLOCK = Clock()


@dataclass(frozen=True)
class Slow(Regime):
    """Combines exits and has gate heads, each at a price."""

    strength: float = 0.5
    levels: tuple[float, ...] = (0.5,)
    hidden: int = 2

    def outputs(self, logits):
        CLOCK.now += COMBINING
        return logits.cumsum(0)

    def companion(self, exits):
        return nn.Linear(exits, self.hidden)

    def gates(self, outputs, companion):
        assert companion.in_features == len(outputs)
        CLOCK.now += GATING
        return outputs.softmax(-1).amax(-1)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter_ns=CLOCK.read))
    return CLOCK


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    timing._of_architecture.cache_clear()
    yield
    timing._of_architecture.cache_clear()


def make(regime: Regime | None = None, exits: int = 3) -> ExitModel:
    torch.manual_seed(0)
    recipe = ImageCNN(widths=(2, 4, 4), exits=exits, pool=2)
    return ExitModel(build_network(recipe, SHAPE, CLASSES), regime or Joint(), CLASSES)


def images(samples: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.standard_normal((samples, *SHAPE)).astype(np.float32)


def answers(model: ExitModel, inputs: np.ndarray, route: np.ndarray) -> np.ndarray:
    """Everything run at once, then each sample's own exit picked."""
    with torch.inference_mode():
        values = model(torch.from_numpy(inputs))[0].numpy()
    return np.stack([values[exit_, sample] for sample, exit_ in enumerate(route)])


def price(model: ExitModel, stage: int, head: int) -> None:
    """Let stage and head e take e times so many nanoseconds for each sample."""
    for cost, parts in ((stage, model.network.stages), (head, model.network.heads)):
        for number, part in enumerate(parts, 1):

            def pay(_module, inputs, _output, cost=cost * number):
                CLOCK.now += cost * len(inputs[0])

            part.register_forward_hook(pay)


def count(parts: nn.ModuleList) -> list[list[int]]:
    """Where the number of samples in each call of each part will stand."""
    calls: list[list[int]] = [[] for _ in parts]
    for part, seen in zip(parts, calls, strict=True):
        part.register_forward_hook(lambda _m, inputs, _o, seen=seen: seen.append(len(inputs[0])))
    return calls


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
    costs = iter([10_000] * timing.WARM_UP + [5, 9_000, 5, 6, 5])

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
    model, seen = make(), []
    model.network.stages[0].register_forward_hook(lambda _m, inputs, _o: seen.append(inputs[0]))
    inputs = images(3)
    exit_latencies(model, inputs, repeats=3)
    assert len(seen) == timing.WARM_UP + 3
    np.testing.assert_array_equal(torch.cat(seen[-3:]).numpy(), inputs)


@pytest.mark.parametrize(
    "measure",
    [
        lambda model: exit_latencies(model, images(2), repeats=2),
        lambda model: throughput(model, images(4), np.array([0, 1, 2, 0]), 2, repeats=1),
        lambda model: leaving_logits(model, images(4), np.array([0, 1, 2, 0]), 2),
    ],
)
@pytest.mark.parametrize("fails", [False, True])
def test_one_thread_no_gradient_and_nothing_left_changed(measure, fails):
    model, seen = make(LearnedGate()), []

    def look(*_):
        seen.append((torch.get_num_threads(), torch.is_inference_mode_enabled(), model.training))
        if fails:
            raise ArithmeticError

    model.network.heads[0].register_forward_hook(look)
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
    assert set(seen) == {(1, True, False)}
    assert torch.equal(torch.get_rng_state(), state)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_dropping_samples_answers_as_running_everything_does(data):
    exits = data.draw(st.integers(1, 3))
    regime = data.draw(st.sampled_from([Joint(), Boosted(), LearnedGate()]))
    route = np.array(data.draw(st.lists(st.integers(0, exits - 1), min_size=1, max_size=12)))
    batch = data.draw(st.integers(1, 13))
    model, inputs = make(regime, exits), images(len(route))
    expected = answers(model, inputs, route)
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


def test_the_samples_that_are_left_are_the_right_ones():
    model, seen = make(), []
    inputs, route = images(6), np.array([1, 0, 2, 0, 1, 2])
    for stage in model.network.stages[1:]:
        stage.register_forward_hook(lambda _m, given, _o: seen.append(given[0]))
    leaving_logits(model, inputs, route, batch=6)
    with torch.inference_mode():
        features = model.network.stages[0](torch.from_numpy(inputs))
        torch.testing.assert_close(seen[0], features[[0, 2, 4, 5]])
        torch.testing.assert_close(seen[1], model.network.stages[1](features)[[2, 5]])


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


def test_what_runs_the_same_network_costs_exactly_the_same():
    joint = measured_costs(RECIPE, SHAPE, CLASSES, Joint())
    gated = measured_costs(RECIPE, SHAPE, CLASSES, SoftCGT(beta=0.5))
    assert np.array_equal(joint.seconds, gated.seconds)
    assert joint.full == gated.full
    static = [measured_costs(RECIPE, SHAPE, CLASSES, Joint(), e) for e in (1, 2, 3)]
    assert [costs.seconds.shape for costs in static] == [(1,)] * 3
    assert all(costs.full == joint.full for costs in static)
    assert static[2].seconds[0] == joint.full
    assert all(alone.seconds[0] < early for alone, early in zip(static, joint.seconds, strict=True))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("exits", [1, 3])
def test_measured_costs_of_what_a_regime_adds(exits):
    """Nothing but the regime takes time here."""
    recipe = ImageCNN(widths=(2, 4, 4), exits=exits, pool=2)
    plain = measured_costs(recipe, SHAPE, CLASSES, Joint())
    slow = measured_costs(recipe, SHAPE, CLASSES, Slow())
    passed = np.minimum(np.arange(1, exits + 1), exits - 1)
    expected = passed * GATING + np.arange(1, exits + 1) * COMBINING / exits
    assert plain.seconds.tolist() == [0] * exits
    np.testing.assert_allclose(slow.seconds * 1e9, expected)
    assert slow.full == plain.full == 0


def test_an_architecture_is_timed_once(clock):
    def price_of(regime: Regime) -> int:
        before = clock.now
        measured_costs(RECIPE, SHAPE, CLASSES, regime)
        return clock.now - before

    assert price_of(Slow()) > 0
    assert price_of(Slow(strength=0.7, levels=(0.1, 0.2), lambda_end=(1.0, 2.0, 3.0))) == 0
    assert price_of(Slow(hidden=3)) > 0


def test_measuring_leaves_the_random_state_as_it_was():
    before = torch.get_rng_state()
    costs = measured_costs(RECIPE, SHAPE, CLASSES, LearnedGate())
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.diff(costs.seconds) > 0).all()
    assert costs.full < costs.seconds[-1]


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (lambda m: exit_latencies(m, images(0)), "inputs: at least 1, found 0"),
        (lambda m: exit_latencies(m, images(1), 0), "repeats: at least 1, found 0"),
        (lambda m: throughput(m, images(1), np.array([0]), 1, 0), "repeats: at least 1, found 0"),
        (lambda m: throughput(m, images(1), np.array([0]), 0), "batch: at least 1, found 0"),
        (lambda m: leaving_logits(m, images(0), np.zeros(0, dtype=int), 1), "inputs: at least 1"),
        (
            lambda m: leaving_logits(m, images(2), np.array([0]), 1),
            r"route: 2 exits from 0 to 2, found 1 and among them \[\]",
        ),
        (
            lambda m: leaving_logits(m, images(2), np.array([3, -1]), 1),
            r"route: 2 exits from 0 to 2, found 2 and among them \[-1, 3\]",
        ),
        (lambda _: measured_costs(RECIPE, SHAPE, CLASSES, Joint(), 4), "from 0 to 3, found 4"),
    ],
)
def test_bad_input_is_refused(measure, message):
    with pytest.raises(InputError, match=message):
        measure(make())
