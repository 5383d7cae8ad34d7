"""What is asked of a network that is to be deployed, and what is recommended for it, as records."""

import math

from harness.core.records import Record
from harness.frontier.operating_point import OperatingPoint
from harness.statistics.paired import LEVEL, Estimate


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

    @classmethod
    def of(cls, found: Estimate) -> "Mean":
        """An estimate without what its interval allows for, which is seeds and test samples."""
        return cls(mean=found.mean, low=found.low, high=found.high)


class Deployment(Record):
    """A configuration with thresholds chosen for a goal, and what they do on test.

    Attributes
    ----------
    configuration, searched, search
        Its number in the confirmation, that in the search, and which search found it.
    parameters
        As the study file names them.
    score, cost
        Expected on test, over fresh seeds.
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
    routing: tuple[float, ...]
    validation_score: float
    validation_cost: float
    key: str
    seed: int
    static_exit: int
    thresholds: tuple[float | None, ...]
    measured: dict[str, float]

    @property
    def point(self) -> OperatingPoint:
        """The network with its thresholds, to be exported."""
        thresholds = tuple(math.inf if each is None else each for each in self.thresholds)
        number = self.configuration
        return OperatingPoint(self.regime, self.key, number, thresholds, self.measured)


class Recommendation(Record):
    """What to deploy for a goal.

    Attributes
    ----------
    runner_up
        The best configuration of any other regime; None where none meets the goal.
    difference
        Of the test score for a cost, of the test cost for a score: the chosen less the runner-up,
        paired over fresh seeds; None where they share none, being of different searches.
    p
        Of the exact signed-rank test for it; None for fewer than two pairs.
    n
        Pairs: fresh seeds that both were trained on.
    """

    goal: Goal
    chosen: Deployment
    runner_up: Deployment | None
    difference: Mean | None
    p: float | None
    n: int

    @property
    def significant(self) -> bool:
        """Whether the difference to the runner-up is significant at the 5 % level."""
        return self.p is not None and self.p < LEVEL
