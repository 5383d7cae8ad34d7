"""The frontier of one network that was trained anywhere, from its logits."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from harness.results.given import given_costs, given_outputs

if TYPE_CHECKING:
    import pandas as pd


def frontier_of(
    logits: npt.ArrayLike,
    labels: npt.ArrayLike,
    costs: npt.ArrayLike,
    policy: str = "max_softmax",
    levels: int | None = None,
) -> "pd.DataFrame":
    """The Pareto set of all exit thresholds of a network: accuracy against mean cost.

    Every threshold vector of the grid is counted exactly (docs/methods.md, "Threshold table").
    These points are chosen on the samples given: give held-out ones, and judge what you choose on
    others.

    Parameters
    ----------
    logits
        [E, N, K], real numbers: of all E exits, shallowest first. A classifier that gives
        probabilities has their logarithms for logits.
    labels
        [N], whole numbers from 0 to K - 1.
    costs
        [E], rising: cost of leaving at each exit, in any unit (MACs, say).
    policy
        Exit policy as `NAME` or `NAME:{KEY: VALUE}`; one that is fitted is so on these samples.
    levels
        Thresholds per exit; None for about 10^6 vectors in all. More than N of them hold every
        behaviour that thresholds can give.

    Returns
    -------
    A row per point by rising cost: threshold_1.. (a sample leaves at the first exit whose
    confidence reaches its threshold; infinity where none leaves), accuracy, cost (in the unit of
    `costs`).

    Raises
    ------
    InputError
        An array has a wrong shape or type, or holds NaN or infinity, a policy or one of its
        parameters is not known, or the grid is too large.

    Examples
    --------
    Two exits; the first is right on two samples of three, and less confident where it is wrong.

    >>> logits = [[[2, 0], [0, 2], [1, 0]], [[3, 0], [0, 3], [0, 3]]]
    >>> found = frontier_of(logits, [0, 1, 1], costs=[1.0, 4.0])
    >>> found.round(2).values.tolist()
    [[0.37, 0.67, 1.0], [0.81, 1.0, 2.0]]
    """
    import pandas as pd

    from harness.core.choice_text import read_choice
    from harness.core.parameters import build
    from harness.frontier.selections.exact_table import ExactTable
    from harness.frontier.trial_frontier import trial_frontier
    from harness.policies import POLICIES
    from harness.policies.predictions import apply_policy

    outputs = given_outputs(np.asarray(logits), np.asarray(labels), "logits", "labels")
    paid = given_costs(np.asarray(costs), len(outputs.values), "costs")
    name, parameters = read_choice(policy, "policy")
    chosen = build(POLICIES.get(name), parameters, f"policy {name}")
    table = build(ExactTable, {"levels": levels or 0}, "levels")
    found = trial_frontier(apply_policy(chosen, outputs, outputs), paid, table, None)
    thresholds = {f"threshold_{e + 1}": column for e, column in enumerate(found.thresholds.T)}
    return pd.DataFrame({**thresholds, "accuracy": found.score, "cost": found.cost})
