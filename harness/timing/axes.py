"""Cost axes other than MACs: parameters, latency and throughput."""

import functools
from collections.abc import Iterable
from typing import Literal, TypeAlias

from harness.core.errors import InputError
from harness.core.types import DataShape, Floats
from harness.frontier.cost_axis import CostAxis
from harness.models.backbones import Backbone
from harness.models.cost import exit_costs
from harness.results.study_record import StudyRecord
from harness.results.trained_here import check_trained_here
from harness.results.trials import TrialResult
from harness.timing.architecture import Architecture, Measure, measured_costs
from harness.training.model import backbone_of, regime_of

Axis: TypeAlias = Literal["parameters", "latency", "throughput"]


def measured_axis(
    record: StudyRecord, results: Iterable[TrialResult], axis: Axis, device: str = "cpu"
) -> CostAxis:
    """A cost axis for a study's networks, relative to its largest full static network.

    Parameters
    ----------
    axis
        `parameters` counts those of the stages and heads passed. The others are seconds per sample
        on one device of this machine, measured once per architecture: `latency` of samples run one
        by one, `throughput` of a batch of 256 that all leave at that exit, with the confidence of
        every exit passed and the copy of those that stay. Where samples leave at different exits,
        the mean of the exits' costs only approximates the time of the shrinking batch, as small
        batches cost more per sample: `harness speed` times the batch itself (docs/methods.md,
        "Other cost axes").
    device
        Where times are measured, as torch names it; of the CPU one thread.

    Raises
    ------
    InputError
        Time is requested for networks whose samples are the nodes of a graph, or that were
        imported; or parameters of imported networks that were not given.
    """
    if record.imported:
        return _imported_parameters(record, results, axis)
    costs: dict[str, Floats] = {}
    full = []
    for result in results:
        key = result.spec.key
        if axis == "parameters":
            costs[key] = result.costs.parameters.astype(float)
            full.append(_full_parameters(backbone_of(result.spec), record.manifest.shape))
        else:
            costs[key], reference = _seconds(result, record.manifest.shape, axis, device)
            full.append(reference)
    return CostAxis(axis, max(full), lambda result: costs[result.spec.key])


def _imported_parameters(
    record: StudyRecord, results: Iterable[TrialResult], axis: Axis
) -> CostAxis:
    """Parameters as they were given; relative to the largest network, whose last exit has all."""
    if axis != "parameters":
        check_trained_here(record, f"--cost {axis}")
    costs = {each.spec.key: each.costs.parameters.astype(float) for each in results}
    if lacking := [key for key, found in costs.items() if not found.all()]:
        raise InputError(
            f"--cost parameters: study {record.name}: {len(lacking)} of {len(costs)} networks were "
            "imported without `parameters`"
        )
    full = max(found[-1] for found in costs.values())
    return CostAxis(axis, float(full), lambda result: costs[result.spec.key])


def _seconds(
    result: TrialResult, data: DataShape, measure: Measure, device: str
) -> tuple[Floats, float]:
    """Seconds of leaving at each exit [E] of a trial's network, and of the full static one."""
    spec, backbone = result.spec, backbone_of(result.spec)
    if backbone.reads_graph:
        raise InputError(
            f"--cost {measure}: backbone {spec.backbone.name} predicts for the nodes of a graph, "
            "none of which can be run alone or leave a batch; use macs or parameters"
        )
    architecture = Architecture(backbone, data)
    found = measured_costs(architecture, regime_of(spec), spec.static_exit, measure, device)
    return found.seconds, found.full


@functools.cache
def _full_parameters(backbone: Backbone, data: DataShape) -> float:
    width = Architecture(backbone, data).width
    return float(exit_costs(backbone, data.inputs, width, backbone.exits).parameters[-1])
