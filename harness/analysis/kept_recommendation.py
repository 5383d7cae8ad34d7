"""What is recommended where the outputs of the trials are not here: from the kept table.

The frontier stage recommends for each deployment budget and for whole percents of the score;
anything else is judged on test anew, for which the outputs of the trials are needed.
"""

import math
from pathlib import Path

from harness.core.budgets import CostName
from harness.core.errors import InputError
from harness.results.absent import outputs_wanted
from harness.results.confirmation import confirmation_folder, read_confirmed
from harness.results.recommendation import (
    Goal,
    Recommendation,
    Recommendations,
    read_recommendations,
)
from harness.results.study_record import StudyRecord

_WHOLE = 0.01
"""Between two scores that are kept."""


def kept_recommendation(
    study_folder: Path,
    goal: Goal,
    regime: str | None = None,
    policy: str | None = None,
    axis: CostName = "macs",
) -> tuple[StudyRecord, Recommendation]:
    """What the frontier stage recommends for a goal, and the record of the confirmation.

    Parameters are those of `harness.analysis.recommend.recommendation`.

    Raises
    ------
    InputError
        The study is not confirmed, its tables are not current, what is asked for is not kept, or
        nothing meets the goal.
    """
    record, folder = read_confirmed(study_folder), confirmation_folder(study_folder)
    kept, own = read_recommendations(folder), record.spec.policy.name
    named = {"regime": regime, "policy": None if policy == own else policy}
    named["axis"] = None if axis == "macs" else axis
    for option, value in named.items():
        if value is not None:
            raise InputError(_not_kept(folder, kept, f"--{option} {value}"))
    if goal.cost is None:
        return record, _reached(folder, kept, goal)
    for budget, found in zip(kept.budgets, kept.found, strict=True):
        if math.isclose(budget, goal.cost):
            if found is None:
                raise InputError(_unmet(kept, goal.cost))
            return record, found
    raise InputError(_not_kept(folder, kept, f"--cost {goal.cost:g}"))


def _reached(folder: Path, kept: Recommendations, goal: Goal) -> Recommendation:
    score = goal.score or 0.0
    asked = f"--accuracy {score:g}"
    for known, found in zip(kept.scores, kept.reached, strict=True):
        if math.isclose(known, score):
            return found
    if kept.scores and 0 < score < kept.scores[0]:  # which all points reach
        return kept.reached[0].model_copy(update={"goal": goal})
    if kept.scores and score > kept.scores[-1] + _WHOLE:
        raise InputError(
            f"{asked}: no configuration reaches it with every seed; the most of those kept that "
            f"one reaches is {kept.scores[-1]:g}"
        )
    raise InputError(_not_kept(folder, kept, asked))


def _not_kept(folder: Path, kept: Recommendations, asked: str) -> str:
    first, second, *_, last = kept.budgets
    least, most = (kept.scores[0], kept.scores[-1]) if kept.scores else (0.0, 0.0)
    return (
        f"{asked}: kept is what is recommended, of all regimes, for --cost {first:g}, {second:g}, "
        f".. {last:g} and for --accuracy {least:g} to {most:g} in steps of {_WHOLE:g}; "
        f"{outputs_wanted(folder)}"
    )


def _unmet(kept: Recommendations, cost: float) -> str:
    each = zip(kept.budgets, kept.found, strict=True)
    least = next((budget for budget, found in each if found is not None), None)
    known = "" if least is None else f"; the least budget of those kept is {least:g}"
    return f"--cost {cost:g}: no configuration is that cheap with every seed{known}"
