from collections.abc import Iterator

import numpy as np
import pytest
import torch

from harness.core.errors import InputError
from harness.core.types import DataShape
from harness.models.backbones.image_cnn import ImageCNN
from harness.regimes import Regime
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.regimes.soft_cgt import SoftCGT
from harness.timing import architecture
from harness.timing.architecture import THROUGHPUT_BATCH, Architecture, measured_costs
from tests.timing.clock import CLASSES, COMBINING, GATING, SHAPE, Slow

DATA = DataShape(SHAPE, CLASSES, "classification")
RECIPE = Architecture(ImageCNN(widths=(2, 4, 4), pool=2), DATA)
MEASURES = pytest.mark.parametrize("measure", ["latency", "throughput"])


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    architecture._timed.cache_clear()
    yield
    architecture._timed.cache_clear()


@MEASURES
def test_what_runs_the_same_network_costs_exactly_the_same(measure):
    joint = measured_costs(RECIPE, Joint(), 0, measure)
    gated = measured_costs(RECIPE, SoftCGT(beta=0.5), 0, measure)
    assert np.array_equal(joint.seconds, gated.seconds)
    assert joint.full == gated.full
    static = [measured_costs(RECIPE, Joint(), e, measure) for e in (1, 2, 3)]
    assert [costs.seconds.shape for costs in static] == [(1,)] * 3
    assert all(costs.full == joint.full for costs in static)
    assert static[2].seconds[0] == joint.full
    assert all(alone.seconds[0] < early for alone, early in zip(static, joint.seconds, strict=True))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("exits", [1, 3])
def test_measured_costs_of_what_a_regime_adds(exits):
    """Nothing but the regime takes time here."""
    recipe = Architecture(ImageCNN(widths=(2, 4, 4), exits=exits, pool=2), DATA)
    plain = measured_costs(recipe, Joint(), 0, "latency")
    slow = measured_costs(recipe, Slow(), 0, "latency")
    passed = np.minimum(np.arange(1, exits + 1), exits - 1)
    expected = passed * GATING + np.arange(1, exits + 1) * COMBINING / exits
    assert plain.seconds.tolist() == [0] * exits
    np.testing.assert_allclose(slow.seconds * 1e9, expected)
    assert slow.full == plain.full == 0


@MEASURES
def test_an_architecture_is_timed_once(clock, measure):
    def price_of(regime: Regime) -> int:
        before = clock.now
        measured_costs(RECIPE, regime, 0, measure)
        return clock.now - before

    assert price_of(Slow()) > 0
    assert price_of(Slow(strength=0.7, levels=(0.1, 0.2), lambda_end=(1.0, 2.0, 3.0))) == 0
    assert price_of(Slow(hidden=3)) > 0


@MEASURES
def test_measuring_leaves_the_random_state_as_it_was(measure):
    before = torch.get_rng_state()
    costs = measured_costs(RECIPE, LearnedGate(), 0, measure)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.diff(costs.seconds) > 0).all()
    assert costs.full < costs.seconds[-1]


@pytest.mark.usefixtures("clock")
def test_a_batch_combines_its_exits_once():
    slow = measured_costs(RECIPE, Slow(), 0, "throughput")
    np.testing.assert_allclose(
        slow.seconds * THROUGHPUT_BATCH * 1e9, COMBINING + GATING * np.array([1, 2, 2])
    )


@MEASURES
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_task_says_what_exits_decide_by(decided, measure, task):
    measured_costs(Architecture(RECIPE.backbone, DataShape(SHAPE, 2, task)), Joint(), 0, measure)
    assert decided == {task}


@MEASURES
def test_an_exit_that_is_not_there_is_refused(measure):
    with pytest.raises(InputError, match="from 0 to 3, found 4"):
        measured_costs(RECIPE, Joint(), 4, measure)
