"""How trained networks are looked at: exit policy, threshold selection and cost axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.parameters import build
from harness.core.types import Floats
from harness.exits import CONFIDENCES, Confidence
from harness.frontier.selections import SELECTIONS, Selection
from harness.frontier.selections.exact_table import ExactTable
from harness.results import study_record, trials
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult


@dataclass(frozen=True)
class CostAxis:
    """What leaving at an exit costs.

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


@dataclass(frozen=True)
class Evaluation:
    """One way to turn cached outputs into operating points; nothing is trained for it."""

    policy: Confidence
    selection: Selection
    axis: CostAxis


def of_study(record: StudyRecord) -> Evaluation:
    """The study's own policy, the exact table on its grid, and MACs."""
    where = f"{study_record.RECORD}: policy"
    policy = build(CONFIDENCES.get(record.policy), record.policy_parameters, where)
    return Evaluation(policy, ExactTable(levels=record.levels or 0), macs(record))


def macs(record: StudyRecord) -> CostAxis:
    """Multiply-accumulates per sample."""
    return CostAxis("macs", record.reference.macs, lambda result: result.costs.macs)


def evaluations(
    record: StudyRecord, policies: Sequence[str], selection: str, calibrated: bool, axis: CostAxis
) -> list[tuple[str, Evaluation]]:
    """Named evaluations of a study, one per policy.

    Parameters
    ----------
    policies
        Names; empty takes the study's own policy.
    calibrated
        Whether temperatures are fitted on validation first.

    Raises
    ------
    InputError
        A policy or selection is not known.
    """
    chosen = build(SELECTIONS.get(selection), {}, f"selection {selection}")
    found = []
    for name in policies or (record.policy,):
        parameters = record.policy_parameters if name == record.policy else {}
        changed = {**parameters, **({"calibrated": True} if calibrated else {})}
        policy = build(CONFIDENCES.get(name), changed, f"policy {name}")
        found.append((name, Evaluation(policy, chosen, axis)))
    return found


def every_policy(folder: Path, record: StudyRecord) -> list[str]:
    """Names of all policies for the study's task; of gate heads where some network has any."""
    keys = [key for c in record.configurations if c.told is not None for key in c.keys]
    gates = any(trials.read(folder, key).validation.gates is not None for key in keys)
    policies = {name: CONFIDENCES.get(name) for name in CONFIDENCES.names()}
    return [
        name
        for name, policy in policies.items()
        if record.task in policy.tasks and (gates or not policy.needs_gates)
    ]
