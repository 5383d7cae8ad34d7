"""What to deploy for a cost or an accuracy: the records of a recommendation, kept and printed."""

from pathlib import Path

from harness.core.records import Record, read_record
from harness.results.stamp import check_table

RECOMMENDATIONS = "recommendations.json"
"""File of the recommendations for some budgets, beside the tables of a confirmation."""


class Goal(Record):
    """What is asked for: a budget of relative cost, or a score that is to be reached."""

    cost: float | None = None
    score: float | None = None

    @property
    def words(self) -> str:
        """What is asked for, in words."""
        if self.cost is not None:
            return f"within {self.cost:.0%} of the cost of the largest full static network"
        return f"for a score of at least {self.score:g}"


class Mean(Record):
    """A mean over fresh seeds with its 95 % interval."""

    mean: float
    low: float
    high: float


class Deployment(Record):
    """A configuration with thresholds chosen for a goal, and what they do on test.

    Attributes
    ----------
    configuration, searched, search
        Its number in the confirmation, that in the search, and which search found it.
    parameters
        As the study file names them.
    score, cost, seeds
        Expected on test, over so many fresh seeds: those of the search that found it.
    routing
        Mean share of the test samples that leaves at each exit.
    validation_score, validation_cost
        Means over fresh seeds, by which it was chosen.
    key, seed, static_exit, thresholds
        The network to deploy: that of the seed whose validation score is the median, so that it is
        a typical one. Where no sample leaves, the threshold is None.
    measured
        Of this network on its own validation and test parts, by the columns of the frontier stage:
        `test_accuracy`, `test_cost` and so on.
    """

    regime: str
    configuration: int
    searched: int
    search: int
    parameters: dict[str, bool | int | float | str]
    score: Mean
    cost: Mean
    seeds: int
    routing: tuple[float, ...]
    validation_score: float
    validation_cost: float
    key: str
    seed: int
    static_exit: int
    thresholds: tuple[float | None, ...]
    measured: dict[str, float]


class Recommendation(Record):
    """What to deploy for a goal.

    Attributes
    ----------
    runner_up
        The best configuration of any other regime; None where none meets the goal.
    difference
        Of the test score for a cost, of the test cost for a score: the chosen less the runner-up,
        paired over fresh seeds; None where they share none, being of different searches.
    p, significant
        Of the exact signed-rank test for it; None for fewer than two pairs. Whether that is below
        the level of significance.
    n
        Pairs: fresh seeds that both were trained on.
    """

    goal: Goal
    chosen: Deployment
    runner_up: Deployment | None
    difference: Mean | None
    p: float | None
    significant: bool
    n: int


class Recommendations(Record):
    """The recommendation for each of some budgets, and for each of some scores.

    Attributes
    ----------
    found
        For each budget; None where nothing is that cheap.
    scores
        Whole percents, from one that the cheapest points reach up to the best that is reached.
    reached
        For each of these scores.
    """

    budgets: tuple[float, ...]
    found: tuple[Recommendation | None, ...]
    scores: tuple[float, ...] = ()
    reached: tuple[Recommendation, ...] = ()


def read_recommendations(folder: Path) -> Recommendations:
    """What the frontier stage recommends; `folder` is the confirmation's.

    Raises
    ------
    InputError
        It is not there, or not of the confirmation as it is recorded beside it.
    """
    check_table(folder, RECOMMENDATIONS)
    return read_record(folder / RECOMMENDATIONS, Recommendations)
