"""Cost axes of frontiers: what leaving at each exit costs."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.core.types import Floats
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult


@dataclass(frozen=True)
class CostAxis:
    """A cost axis: cost of leaving at each exit, and the reference of relative costs.

    Attributes
    ----------
    name
        `macs`, `parameters`, `latency` or `throughput`: names the columns of absolute costs.
    reference
        Cost of the study's largest full static network: relative cost 1.
    per_exit
        Cost of leaving at each exit [E] of one trial's network.
    """

    name: str
    reference: float
    per_exit: Callable[[TrialResult], Floats]


def macs(record: StudyRecord) -> CostAxis:
    """Cost axis of multiply-accumulates (MACs) per sample."""
    return CostAxis("macs", record.reference.macs, lambda result: result.costs.macs)
