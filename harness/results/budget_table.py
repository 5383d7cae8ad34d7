"""`budgets.json`: what each regime's frontier gives for each cost budget of a deployment."""

from pathlib import Path

from harness.core.records import Record, read_record

BUDGET_TABLE = "budgets.json"


class Measured(Record):
    """An operating point on one part: mean score, RMSE of a regression, relative cost."""

    score: float
    rmse: float | None
    cost: float


class BudgetPoint(Record):
    """An operating point that some budget chooses.

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

    None where all points cost more.
    """

    points: tuple[BudgetPoint, ...]
    at: tuple[int | None, ...]


class BudgetTable(Record):
    """Relative cost budgets, and what each regime gives for them.

    Attributes
    ----------
    classes
        Names [K]; None for a regression.
    """

    budgets: tuple[float, ...]
    regimes: dict[str, RegimeBudgets]
    classes: tuple[str, ...] | None


def read_budgets(folder: Path) -> BudgetTable:
    """A study's budget table; raises InputError before the frontier stage ran."""
    missing = f"not there yet; run `harness frontier {folder.name}`"
    return read_record(folder / BUDGET_TABLE, BudgetTable, missing)
