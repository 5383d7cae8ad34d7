"""The cost axes of frontiers, and the budgets at which frontiers are summarised.

Budgets are relative to the full static network.
"""

from typing import Literal, TypeAlias

CostName: TypeAlias = Literal["macs", "parameters", "latency", "throughput"]
"""What a sample pays for: work, size, or time measured one by one or in batches."""

BUDGETS = (0.25, 0.5, 0.75)
DEPLOYMENT_BUDGETS = tuple(round(0.05 * step, 2) for step in range(1, 21))
"""Budgets of a deployment table: 0.05 to 1."""


def percent(share: float) -> int:
    """A share in whole percent, as names of columns and metrics carry it.

    Examples
    --------
    >>> percent(0.25)
    25
    """
    return round(100 * share)


def at_budgets(form: str) -> tuple[str, ...]:
    """A name for each of the budgets: `form` followed by `_at_25` and so on.

    Examples
    --------
    >>> at_budgets("accuracy")
    ('accuracy_at_25', 'accuracy_at_50', 'accuracy_at_75')
    """
    return tuple(f"{form}_at_{percent(budget)}" for budget in BUDGETS)
