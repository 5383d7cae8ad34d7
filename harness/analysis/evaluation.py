"""How trained networks are evaluated: exit policy, threshold selection and cost axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.budgets import CostName
from harness.core.choice_text import read_choice
from harness.core.parameters import build
from harness.core.types import ExitLogits
from harness.frontier.cost_axis import CostAxis, macs
from harness.frontier.selections import SELECTIONS, Selection
from harness.frontier.selections.exact_table import ExactTable
from harness.policies import POLICIES, ExitPolicy, policy_of
from harness.policies.predictions import ExitPredictions, apply_policy
from harness.results import trials
from harness.results.study_record import StudyRecord
from harness.results.trials import TrialResult


@dataclass(frozen=True)
class Evaluation:
    """An exit policy, a threshold selection and a cost axis, applied to stored outputs.

    Nothing is trained for it.
    """

    policy: ExitPolicy
    selection: Selection
    axis: CostAxis

    def predict(self, result: TrialResult, outputs: ExitLogits) -> ExitPredictions:
        """The policy's predictions for outputs of a trial's network, fitted on held-out samples.

        A selection with a guarantee has the calibration part for itself: what the policy were
        fitted on there would have chosen with it, so it is fitted on validation.
        """
        fit_on = result.validation if self.selection.guarantees else result.fitting
        return apply_policy(self.policy, outputs, fit_on)


def of_study(record: StudyRecord) -> Evaluation:
    """The study's own policy, the exact table on its grid, and MACs."""
    return Evaluation(
        policy_of(record.spec.policy),
        ExactTable(levels=record.spec.thresholds.levels or 0),
        macs(record),
    )


def cost_axis(folder: Path, record: StudyRecord, cost: CostName, device: str = "cpu") -> CostAxis:
    """The cost axis of this name for a study's networks.

    Parameters
    ----------
    device
        Of this machine, as torch names it: where time is measured.

    Raises
    ------
    InputError
        Time is to be measured of networks that cannot run samples apart, such as those of graphs.
    """
    if cost == "macs":
        return macs(record)
    from harness.timing.axes import measured_axis

    keys = (key for c in record.succeeded() for key in c.keys)
    return measured_axis(record, (trials.read_trial(folder, key) for key in keys), cost, device)


def evaluations(
    record: StudyRecord, policies: Sequence[str], selection: str, calibrated: bool, axis: CostAxis
) -> dict[str, Evaluation]:
    """Evaluations of a study, one per policy, as it is written.

    Parameters
    ----------
    policies
        Each by its name, or with parameters as `name:{key: value}`. Without any, the study's own
        policy has the study's and all others their defaults. Empty takes the study's own.
    selection
        Written as policies are.
    calibrated
        Whether temperatures are fitted first.

    Raises
    ------
    InputError
        A policy or selection is not known, one of its parameters is not allowed, or calibration
        has no effect on the policy.
    """
    own = record.spec.policy
    kind, settings = read_choice(selection, "selection")
    chosen = build(SELECTIONS.get(kind), settings, f"selection {kind}")
    found = {}
    for text in policies or (own.name,):
        name, given = read_choice(text, "policy")
        parameters = own.parameters if text == own.name else given
        changed = {**parameters, **({"calibrated": True} if calibrated else {})}
        policy = build(POLICIES.get(name), changed, f"policy {name}")
        found[text] = Evaluation(policy, chosen, axis)
    return found


def every_policy(folder: Path, record: StudyRecord, calibrated: bool = False) -> list[str]:
    """Names of all policies for the study's task; of gate heads where some network has any.

    Parameters
    ----------
    calibrated
        Whether to leave out those that temperatures have no effect on.
    """
    keys = [key for c in record.succeeded() for key in c.keys]
    gates = any(trials.read_trial(folder, key).validation.gates is not None for key in keys)
    policies = {name: POLICIES.get(name) for name in POLICIES.names()}
    return [
        name
        for name, policy in policies.items()
        if record.manifest.task in policy.tasks
        and (gates or not policy.needs_gates)
        and not (calibrated and policy.uncalibrated_because)
    ]
