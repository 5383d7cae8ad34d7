"""Cost axes other than MACs: the parameters that a sample passes, and measured time."""

import functools
from collections.abc import Iterable
from typing import Literal, TypeAlias

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.core.types import Floats
from harness.data.prepare import Manifest
from harness.models import BACKBONES, Backbone
from harness.models.cost import exit_costs
from harness.regimes import REGIMES
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult
from harness.training.architecture import Architecture, measured_costs

Axis: TypeAlias = Literal["parameters", "latency", "throughput"]


def axis_costs(
    record: StudyRecord, results: Iterable[TrialResult], axis: Axis
) -> tuple[float, dict[str, Floats]]:
    """Cost of the largest full static network, and by trial key that of leaving at each exit [E].

    Parameters
    ----------
    axis
        `parameters` counts those of the stages and heads passed. The others are seconds per sample
        on one thread of this machine, measured once per architecture (METHODS section 3): `latency`
        of samples run one by one, `throughput` of a batch of 256 that all leave at that exit, with
        the confidence of every exit passed and the copy of those that stay. Where samples leave
        apart, the mean of the exits' costs only approximates what the shrinking batch takes, as
        small batches cost more per sample: `harness speed` times the batch itself.

    Raises
    ------
    InputError
        Time is asked of networks whose samples cannot be run without all others.
    """
    manifest = Manifest.model_validate(record.data)
    shape, width = manifest.input_shape, manifest.width
    costs: dict[str, Floats] = {}
    full = []
    for result in results:
        spec = result.spec
        backbone = build(BACKBONES.get(spec.backbone.name), spec.backbone.parameters, "backbone")
        if axis == "parameters":
            costs[spec.key] = result.costs.parameters.astype(float)
            reference = _full_parameters(backbone, shape, width)
        else:
            if backbone.reads_graph:
                raise InputError(
                    f"--cost {axis}: backbone {spec.backbone.name} answers for the nodes of a "
                    "graph, none of which can be run alone or leave a batch; use macs or parameters"
                )
            regime = build(REGIMES.get(spec.regime.name), spec.regime.parameters, "regime")
            architecture = Architecture(backbone, shape, width, manifest.task)
            measured = measured_costs(architecture, regime, spec.static_exit, axis)
            costs[spec.key], reference = measured.seconds, measured.full
        full.append(reference)
    return max(full), costs


@functools.cache
def _full_parameters(backbone: Backbone, shape: tuple[int, ...], width: int) -> float:
    return float(exit_costs(backbone, shape, width, backbone.exits).parameters[-1])
