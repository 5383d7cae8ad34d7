"""What to deploy: recommended for a goal, or an operating point of the searched frontiers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.api.devices import timed_on
from harness.core.budgets import CostName
from harness.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.export.programs import Format
    from harness.export.registration import SearchedFrontier
    from harness.frontier.operating_point import Aim, OperatingPoint
    from harness.results.recommendation import Goal, Recommendation
    from harness.results.study_record import StudyRecord


@dataclass(frozen=True)
class Deployed:
    """A network with its thresholds, and where it lies.

    Attributes
    ----------
    folder
        That holds its trial: the study's, or that of its confirmation.
    record
        Of that folder; its exit policy is the one that the thresholds are for.
    """

    folder: Path
    record: "StudyRecord"
    point: "OperatingPoint"


def goal_of(cost: float | None, accuracy: float | None) -> "Goal":
    """The goal that is asked for; raises InputError unless there is exactly one."""
    from harness.results.recommendation import Goal

    if (cost is None) == (accuracy is None):
        raise InputError("give either --cost or --accuracy, such as --cost 0.4")
    return Goal(cost=cost, score=accuracy)


def recommended(
    folder: Path,
    goal: "Goal",
    regime: str | None = None,
    policy: str | None = None,
    axis: CostName = "macs",
    device: str | None = None,
) -> "tuple[StudyRecord, Recommendation]":
    """What to deploy of a confirmed study, and the record of its confirmation under the policy.

    Parameters and errors are those of `harness.analysis.recommend.recommendation`; `device` is as
    users write it, None for the CPU. Where the outputs of the trials are not here, as in a clone,
    it is one of those that are kept, or none (`harness.analysis.kept_recommendation`).
    """
    from harness.analysis.kept_recommendation import kept_recommendation
    from harness.analysis.recommend import recommendation
    from harness.results.absent import outputs_are_here
    from harness.results.confirmation import confirmation_folder

    if not outputs_are_here(confirmation_folder(folder)):
        return kept_recommendation(folder, goal, regime, policy, axis)
    return recommendation(folder, goal, regime, policy, axis, timed_on(device, axis))


def recommended_point(
    folder: Path,
    goal: "Goal",
    regime: str | None = None,
    policy: str | None = None,
    axis: CostName = "macs",
    device: str | None = None,
) -> Deployed:
    """The network that is recommended for a goal; parameters and errors of `recommended`."""
    from harness.analysis.recommend import network_of
    from harness.results.confirmation import confirmation_folder

    record, found = recommended(folder, goal, regime, policy, axis, device)
    return Deployed(confirmation_folder(folder), record, network_of(found.chosen))


def searched_point(
    frontier: "SearchedFrontier", regime: str | None, key: str | None, aim: "Aim"
) -> Deployed:
    """A point of the searched frontiers, chosen on validation.

    Raises
    ------
    InputError
        No point is of the given regime or trial.
    """
    from harness.frontier.operating_point import Wanted, choose

    record = frontier.record
    point = choose(frontier.points, Wanted(regime, key, aim), record.reference.score)
    return Deployed(frontier.folder, record, point)


def searched_frontier(
    folder: Path,
    policy: str | None = None,
    selection: str | None = None,
    formats: "Sequence[Format]" = ("torch",),
) -> "SearchedFrontier":
    """The frontiers of a study's searched seeds, to export points of in these formats.

    Under another exit policy or threshold selection than the study's they are made anew of the
    stored outputs, on validation, and their points evaluated on test.

    Raises
    ------
    InputError
        The frontier stage has not run, or the policy or selection is not known or not allowed.
    """
    from harness.analysis.evaluation import evaluations
    from harness.analysis.frontiers import evaluate_on_test, validation_frontiers
    from harness.export.artifact import ExportChoices
    from harness.export.registration import SearchedFrontier
    from harness.frontier.cost_axis import macs
    from harness.results.study_record import read_study_record
    from harness.results.tables import read_frontier

    record, points = read_study_record(folder), read_frontier(folder)
    choices = ExportChoices(tuple(formats))
    if policy is None and selection is None:
        return SearchedFrontier(folder, record, points, choices)
    chosen = selection or choices.selection
    names = () if policy is None else (policy,)
    (evaluation,) = evaluations(record, names, chosen, False, macs(record)).values()
    points = validation_frontiers(folder, record, evaluation)
    points = evaluate_on_test(folder, record, points, evaluation)
    choices = ExportChoices(choices.formats, chosen, evaluation.selection.guarantees)
    return SearchedFrontier(folder, _under_policy(record, policy), points, choices)


def _under_policy(record: "StudyRecord", policy: str | None) -> "StudyRecord":
    """The record, had its study named this policy; of the study's own name it is that one."""
    from harness.core.choice_text import read_choice
    from harness.core.study_spec import PolicyChoice

    if policy in (None, record.spec.policy.name):
        return record
    name, parameters = read_choice(policy, "policy")
    choice = PolicyChoice.model_validate({"name": name, "parameters": dict(parameters)})
    return record.model_copy(update={"spec": record.spec.model_copy(update={"policy": choice})})
