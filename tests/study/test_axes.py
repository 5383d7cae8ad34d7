import dataclasses

import numpy as np
import pandas as pd
import pytest

from harness.core.errors import InputError
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitLogits
from harness.data.load import ensure
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.cost import exit_costs
from harness.results.study_record import Reference, StudyRecord
from harness.results.trials import TrialResult
from harness.study.axes import axis_costs

RECIPES = {"small": {"widths": (4, 8), "exits": 2}, "large": {"widths": (8, 16), "exits": 2}}


def result(size, regime="joint", static_exit=0):
    recipe = RECIPES[size]
    spec = TrialSpec(
        "digits", "d", Choice("image_cnn", recipe), Choice(regime, {}), {}, 0, static_exit
    )
    costs = exit_costs(ImageCNN(**recipe), (1, 8, 8), 10, static_exit)
    logits = ExitLogits(np.zeros((len(costs.macs), 1, 10), np.float32), np.zeros(1, np.int64))
    return TrialResult(spec, logits, costs, pd.DataFrame(), 0.0, {})


@pytest.fixture
def record(project):
    manifest = ensure(project, "digits", None, lambda *_: None)
    return StudyRecord(
        name="s",
        description="",
        spec={},
        split="digits",
        digest=manifest.digest,
        data=manifest.model_dump(mode="json"),
        provenance="",
        reference=Reference(macs=1.0, accuracy=0.1),
        metrics=(),
        policy="max_softmax",
        policy_parameters={},
        levels=None,
        planned=0,
        state="done",
        versions={},
    )


def test_parameters_are_those_passed_relative_to_the_largest_static_network(record):
    results = [result("small"), result("large"), result("large", "single_exit", 1)]
    reference, costs = axis_costs(record, results, "parameters")
    assert set(costs) == {r.spec.key for r in results}
    large = costs[results[1].spec.key]
    head_1 = 8 * 16 * 10 + 10
    assert large[0] == 8 * 9 + 8 + 2 * 8 + head_1
    assert reference == large[1] - head_1  # the static network has its last head alone
    assert costs[results[2].spec.key].tolist() == [large[0]]


@pytest.mark.parametrize("axis", ["latency", "throughput"])
def test_time_is_that_of_the_architecture(record, axis):
    results = [result("small"), result("small", "disjoint"), result("large")]
    reference, costs = axis_costs(record, results, axis)
    small, same, large = (costs[r.spec.key] for r in results)
    assert small.tolist() == same.tolist()
    assert 0 < small[0] < small[1]
    assert large.shape == (2,)
    assert reference > 0


@pytest.mark.parametrize("axis", ["latency", "throughput"])
def test_the_reference_is_the_slowest_full_static_network(record, axis):
    alone = [result("small", "single_exit", 2), result("large", "single_exit", 2)]
    full = [axis_costs(record, [each], axis) for each in alone]
    for each, (reference, costs) in zip(alone, full, strict=True):
        assert costs[each.spec.key].tolist() == [reference]
    both, _ = axis_costs(record, [*alone, result("small")], axis)
    assert both == max(reference for reference, _ in full)


@pytest.mark.parametrize("axis", ["latency", "throughput"])
def test_nodes_of_a_graph_have_no_time_of_their_own(record, axis):
    plain = result("small")
    node = Choice("sas_gnn", {"widths": (8, 8), "exits": 2})
    nodes = dataclasses.replace(plain, spec=dataclasses.replace(plain.spec, backbone=node))
    with pytest.raises(InputError, match=rf"--cost {axis}: backbone sas_gnn .*use macs or param"):
        axis_costs(record, [nodes], axis)
