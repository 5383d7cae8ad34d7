"""Studies compared: by the tables of their own frontiers, or under another evaluation."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.api.devices import timed_on
from harness.api.steps import Bar, no_bar
from harness.core.budgets import CostName
from harness.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from harness.analysis.policy_comparison import EvaluationChoice
    from harness.report.sheets import Sheets


def evaluation_choice(
    policies: str | Sequence[str] | None = None,
    selection: str | None = None,
    calibrated: bool = False,
    cost: CostName = "macs",
    device: str | None = None,
    pairs: bool = False,
) -> "EvaluationChoice | None":
    """How networks are to be evaluated; None for the studies' own frontiers.

    Parameters
    ----------
    policies
        Exit policies, each by name or with parameters as `NAME:{KEY: VALUE}`: a sequence, or text
        that separates them by commas; `all` takes all that apply, None the study's own.
    selection
        The threshold selection, written alike; None for the exact table.
    calibrated
        Whether temperatures are fitted on held-out samples first.
    cost
        macs, parameters, latency or throughput.
    device
        Where time is measured; None for the CPU.
    pairs
        Whether every pair of regimes is to be compared, which is of the studies' own frontiers.

    Raises
    ------
    InputError
        A name is empty, there is no such device, nothing is to be measured on it, or pairs are
        asked for under another evaluation.
    """
    from harness.analysis.policy_comparison import EvaluationChoice
    from harness.core.choice_text import split_choices

    place = timed_on(device, cost)
    if policies is None and selection is None and not calibrated and cost == "macs":
        return None
    if pairs:
        raise InputError(
            "--pairs compares the studies' own frontiers: leave out --policies, --selection, "
            "--calibrated and --cost"
        )
    names = split_choices(policies, "--policies") if isinstance(policies, str) else policies or ()
    return EvaluationChoice(tuple(names), selection or "exact_table", calibrated, cost, place)


def compared(
    folders: Sequence[Path],
    choice: "EvaluationChoice | None" = None,
    pairs: bool = False,
    bar: Bar = no_bar,
) -> "Sheets":
    """Studies compared: all numbers as one table, and sheets with their notes for people.

    Parameters
    ----------
    folders
        Of the studies.
    choice
        None compares the studies' own frontiers, from the tables of `harness frontier`.
    pairs
        Whether every pair of regimes is compared, without a choice.
    bar
        Opened for each study that is evaluated anew.

    Raises
    ------
    InputError
        The tables are missing or out of date, or the evaluation does not apply to a study.
    """
    from harness.report.evaluation_sheets import evaluation_sheets
    from harness.report.sheets import pair_sheets, regime_sheets

    each = tuple(dict.fromkeys(folders))
    if choice is None:
        return (pair_sheets if pairs else regime_sheets)(each)
    return evaluation_sheets([_evaluated(folder, choice, bar) for folder in each], choice)


def metrics_within(folders: Sequence[Path], budget: float) -> "Sheets":
    """The regimes' metrics on test within a cost budget, from the tables of `harness frontier`.

    Raises
    ------
    InputError
        The tables are missing or out of date, or hold no such budget.
    """
    from harness.report.metric_sheets import metric_sheets

    return metric_sheets(tuple(dict.fromkeys(folders)), budget)


def _evaluated(folder: Path, choice: "EvaluationChoice", bar: Bar) -> "pd.DataFrame":
    from harness.analysis.policy_comparison import policy_comparison, policy_evaluations
    from harness.results.confirmation import confirmation_folder, confirmed
    from harness.results.study_record import read_finished

    record, own = confirmed(folder), confirmation_folder(folder)
    if record is None:
        record, own = read_finished(folder), folder
    found = policy_evaluations(own, record, choice)
    with bar(record.name, len(found)) as step:
        return policy_comparison(own, record, found, step)
