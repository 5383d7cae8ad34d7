"""Times on CUDA; skipped where there is none."""

import numpy as np
import pytest
import torch

from harness.core.types import DataShape
from harness.models.backbones.image_cnn import ImageCNN
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.timing.architecture import Architecture, measured_costs
from harness.timing.compaction import leaving_logits, throughput
from tests.timing.clock import CLASSES, SHAPE, images, make

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
ROUTE = np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("measure", ["latency", "throughput"])
@pytest.mark.parametrize("regime", [Joint(), LearnedGate()])
def test_costs_rise_with_the_exit(regime, measure):
    wide = ImageCNN(widths=(64, 128, 128), pool=2)
    recipe = Architecture(wide, DataShape(SHAPE, CLASSES, "classification"))
    found = measured_costs(recipe, regime, 0, measure, "cuda:0")
    assert (np.diff(found.seconds) > 0).all()
    assert 0 < found.full < found.seconds[-1]


def test_a_shrinking_batch_predicts_as_on_the_cpu():
    model = make()
    expected = leaving_logits(model, images(6), ROUTE, 4)
    found = leaving_logits(model.to("cuda:0"), images(6), ROUTE, 4)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_throughput_is_positive():
    found = throughput(make().to("cuda:0"), images(6), ROUTE, batch=4, repeats=2)
    assert min(found.compacted, found.every_exit, found.static) > 0
