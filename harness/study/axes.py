"""Cost axes other than MACs: the parameters that a sample passes, and measured latency."""

import functools
from collections.abc import Iterable
from typing import Literal, TypeAlias

from harness.core.parameters import build
from harness.core.types import Floats
from harness.data.prepare import Manifest
from harness.models import BACKBONES, Backbone
from harness.models.cost import exit_costs
from harness.regimes import REGIMES
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult
from harness.training.timing import measured_costs

Axis: TypeAlias = Literal["parameters", "latency"]


def axis_costs(
    record: StudyRecord, results: Iterable[TrialResult], axis: Axis
) -> tuple[float, dict[str, Floats]]:
    """Cost of the largest full static network, and by trial key that of leaving at each exit [E].

    Parameters
    ----------
    axis
        `parameters` counts those of the stages and heads passed; `latency` is seconds at batch 1
        on this machine, measured once per architecture (METHODS section 3).
    """
    manifest = Manifest.model_validate(record.data)
    shape, width = manifest.input_shape, manifest.width
    costs: dict[str, Floats] = {}
    full = []
    for result in results:
        spec = result.spec
        backbone = build(BACKBONES.get(spec.backbone.name), spec.backbone.parameters, "backbone")
        if axis == "latency":
            regime = build(REGIMES.get(spec.regime.name), spec.regime.parameters, "regime")
            measured = measured_costs(backbone, shape, width, regime, spec.static_exit)
            costs[spec.key], reference = measured.seconds, measured.full
        else:
            costs[spec.key] = result.costs.parameters.astype(float)
            reference = _full_parameters(backbone, shape, width)
        full.append(reference)
    return max(full), costs


@functools.cache
def _full_parameters(backbone: Backbone, shape: tuple[int, ...], width: int) -> float:
    return float(exit_costs(backbone, shape, width, backbone.exits).parameters[-1])
