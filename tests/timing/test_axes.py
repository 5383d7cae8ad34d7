import dataclasses

import numpy as np
import pandas as pd
import pytest

from harness.core.errors import InputError
from harness.core.trial_spec import TrialSpec
from harness.core.types import ExitLogits
from harness.data.load import ensure
from harness.models.backbones import BACKBONES
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.cost import exit_costs
from harness.regimes import REGIMES
from harness.results.trials import TrialResult
from harness.timing.axes import measured_axis
from tests.records import choice, record_of

RECIPES = {"small": {"widths": (4, 8), "exits": 2}, "large": {"widths": (8, 16), "exits": 2}}


def result(size, regime="joint", static_exit=0):
    recipe = RECIPES[size]
    backbone = choice(BACKBONES, "image_cnn", **recipe)
    spec = TrialSpec("digits", "d", backbone, choice(REGIMES, regime), {}, 0, static_exit)
    costs = exit_costs(ImageCNN(**recipe), (1, 8, 8), 10, static_exit)
    logits = ExitLogits(np.zeros((len(costs.macs), 1, 10), np.float32), np.zeros(1, np.int64))
    return TrialResult(spec, logits, costs, pd.DataFrame(), 0.0, {})


@pytest.fixture
def record(project):
    manifest = ensure(project, "digits", None, lambda *_: None)
    return record_of(manifest)


def test_parameters_are_those_passed_relative_to_the_largest_static_network(record):
    results = [result("small"), result("large"), result("large", "single_exit", 1)]
    axis = measured_axis(record, results, "parameters")
    large = axis.per_exit(results[1])
    head_1 = 8 * 16 * 10 + 10
    assert large[0] == 8 * 9 + 8 + 2 * 8 + head_1
    assert axis.reference == large[1] - head_1  # the static network has its last head alone
    assert axis.per_exit(results[2]).tolist() == [large[0]]


@pytest.mark.parametrize("axis", ["latency", "throughput"])
def test_time_is_that_of_the_architecture(record, axis):
    results = [result("small"), result("small", "disjoint"), result("large")]
    found = measured_axis(record, results, axis)
    small, same, large = map(found.per_exit, results)
    assert small.tolist() == same.tolist()
    assert 0 < small[0] < small[1]
    assert large.shape == (2,)
    assert found.reference > 0


@pytest.mark.parametrize("axis", ["latency", "throughput"])
def test_the_reference_is_the_slowest_full_static_network(record, axis):
    alone = [result("small", "single_exit", 2), result("large", "single_exit", 2)]
    full = [measured_axis(record, [each], axis) for each in alone]
    for each, found in zip(alone, full, strict=True):
        assert found.per_exit(each).tolist() == [found.reference]
    both = measured_axis(record, [*alone, result("small")], axis)
    assert both.reference == max(found.reference for found in full)


@pytest.mark.parametrize("axis", ["latency", "throughput"])
def test_nodes_of_a_graph_have_no_time_of_their_own(record, axis):
    plain = result("small")
    node = choice(BACKBONES, "sas_gnn", widths=(8, 8), exits=2)
    nodes = dataclasses.replace(plain, spec=dataclasses.replace(plain.spec, backbone=node))
    with pytest.raises(InputError, match=rf"--cost {axis}: backbone sas_gnn .*use macs or param"):
        measured_axis(record, [nodes], axis)


@pytest.mark.parametrize("axis", ["parameters", "latency"])
@pytest.mark.parametrize("registry", [BACKBONES, REGIMES])
def test_networks_of_other_code_are_not_measured(record, monkeypatch, axis, registry):
    trained = result("small")
    monkeypatch.setattr(registry, "source_digest", lambda _: "new code")
    if (axis, registry) == ("parameters", REGIMES):  # counted in the trial, but for the backbone
        assert measured_axis(record, [trained], axis).per_exit(trained).shape == (2,)
        return
    with pytest.raises(InputError, match=r"its code \(digest new code\) is not that of this trial"):
        measured_axis(record, [trained], axis)
