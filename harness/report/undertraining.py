"""Trainings whose validation score still rises at the last epoch: more epochs may change the order.

docs/methods.md, "Undertraining", has the definition and its limits.
"""

import pandas as pd

from harness.statistics.paired import LEVEL


def undertraining_remark(table: pd.DataFrame) -> str:
    """A sentence on the regimes whose trainings end rising more often than noise does; or none.

    Parameters
    ----------
    table
        As `harness.analysis.curves.undertrained` makes it.
    """
    found = table[table["p"] <= LEVEL].sort_values("amount", ascending=False)
    if found.empty:
        return ""
    columns = found[["regime", "rising", "trials", "amount"]].itertuples(index=False)
    named = ", ".join(
        f"{regime} ({rising} of {trained}, by {amount:.3f})"
        for regime, rising, trained, amount in columns
    )
    return (
        "Undertraining: at the end of training the validation score still rises in more trainings "
        f"than noise explains (1 in 20) for {named}; with more epochs these may gain."
    )
