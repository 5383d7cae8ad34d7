"""What is recommended where the outputs of the trials are not here: from the kept table.

The frontier stage recommends for each deployment budget; anything else is judged on test anew, for
which the outputs of the trials are needed.
"""

import math
from pathlib import Path

from harness.core.budgets import CostName
from harness.core.errors import InputError
from harness.results.absent import outputs_wanted
from harness.results.recommendation import (
    Goal,
    Recommendation,
    Recommendations,
    read_recommendations,
)
from harness.results.study_record import StudyRecord


def kept_recommendation(
    folder: Path,
    record: StudyRecord,
    goal: Goal,
    regime: str | None,
    policy: str | None,
    axis: CostName,
) -> Recommendation:
    """What the frontier stage recommends for a goal; parameters are those of `recommendation`.

    Parameters
    ----------
    folder, record
        Of the confirmation.

    Raises
    ------
    InputError
        What is asked for is not kept, or nothing meets the goal.
    """
    kept = read_recommendations(folder)
    if goal.cost is None:
        raise InputError(_not_kept(folder, kept, f"--accuracy {goal.score:g}"))
    own = record.spec.policy.name
    named = {"regime": regime, "policy": None if policy == own else policy}
    named["axis"] = None if axis == "macs" else axis
    for option, value in named.items():
        if value is not None:
            raise InputError(_not_kept(folder, kept, f"--{option} {value}"))
    for budget, found in zip(kept.budgets, kept.found, strict=True):
        if math.isclose(budget, goal.cost):
            if found is None:
                raise InputError(_unmet(kept, goal.cost))
            return found
    raise InputError(_not_kept(folder, kept, f"--cost {goal.cost:g}"))


def _not_kept(folder: Path, kept: Recommendations, asked: str) -> str:
    first, second, *_, last = kept.budgets
    return (
        f"{asked}: kept is what is recommended for --cost {first:g}, {second:g}, .. {last:g} "
        f"alone; {outputs_wanted(folder)}"
    )


def _unmet(kept: Recommendations, cost: float) -> str:
    each = zip(kept.budgets, kept.found, strict=True)
    least = next((budget for budget, found in each if found is not None), None)
    return (
        f"--cost {cost:g}: no configuration is that cheap with every seed; the least budget of "
        f"those kept that one keeps to is {least:g}"
        if least is not None
        else f"--cost {cost:g}: no configuration keeps to it with every seed"
    )
