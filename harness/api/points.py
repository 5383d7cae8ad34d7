"""What to deploy: recommended for a goal, or an operating point of the searched frontiers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.api.devices import timed_on
from harness.core.budgets import CostName
from harness.core.errors import InputError

if TYPE_CHECKING:
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


def searched_point(folder: Path, regime: str | None, key: str | None, aim: "Aim") -> Deployed:
    """A point of the searched frontiers, chosen on validation.

    Raises
    ------
    InputError
        The frontier stage has not run, or no point is of the given regime or trial.
    """
    from harness.frontier.operating_point import Wanted, choose
    from harness.results.study_record import read_study_record
    from harness.results.tables import read_frontier

    record = read_study_record(folder)
    wanted = Wanted(regime, key, aim)
    point = choose(read_frontier(folder), wanted, record.reference.score)
    return Deployed(folder, record, point)
