"""`budgets.json`: the operating point of each regime for each cost budget of a deployment."""

from pathlib import Path

from harness.core.records import Record, read_record
from harness.results.absent import tables_again
from harness.results.stamp import check_table

BUDGET_TABLE = "budgets.json"


class Measured(Record):
    """Score, RMSE (of a regression) and relative cost of an operating point on one part."""

    score: float
    rmse: float | None
    cost: float


class BudgetPoint(Record):
    """An operating point that is the best within some cost budget, on validation.

    Attributes
    ----------
    thresholds
        [E-1]; None is a threshold that no sample reaches.
    routing
        [E]: share of the test samples that leaves at each exit.
    confusion
        [K * K] of a classification: counts on test, labels slowest.
    """

    key: str
    configuration: int
    seed: int
    static_exit: int
    thresholds: tuple[float | None, ...]
    validation: Measured
    test: Measured
    routing: tuple[float, ...]
    confusion: tuple[int, ...] | None


class RegimeBudgets(Record):
    """A regime's points, each once, and for each budget the index of its point.

    None where every point costs more.
    """

    points: tuple[BudgetPoint, ...]
    at: tuple[int | None, ...]


class BudgetTable(Record):
    """Relative cost budgets, and the points of each regime for them.

    Attributes
    ----------
    classes
        Names [K]; None for a regression.
    """

    budgets: tuple[float, ...]
    regimes: dict[str, RegimeBudgets]
    classes: tuple[str, ...] | None


def read_budgets(folder: Path) -> BudgetTable:
    """A study's budget table; raises as the readers of `harness.results.tables` do."""
    check_table(folder, BUDGET_TABLE)
    remedy = tables_again(folder)
    return read_record(folder / BUDGET_TABLE, BudgetTable, f"not there yet; {remedy}", remedy)
