"""`findings.json`: what confirmed studies found, one row per regime and operating point.

A study's own file lies with its confirmation; that of the project, in `results/`, has all rows.
"""

from collections.abc import Sequence
from pathlib import Path

from harness.core.errors import DataError, InputError
from harness.core.records import Record, read_record, write_record
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.study_record import StudyRecord

FINDINGS = "findings.json"


class Finding(Record):
    """A regime at an operating point, on the test part: means over a study's fresh seeds.

    Metrics that the task has not are None, and so are intervals of one seed.

    Attributes
    ----------
    train_share
        Share of the samples to train on, or samples per class, as the split has it.
    epochs
        None where they are searched.
    searches
        Independent searches of configurations; each seed's network is of one of them.
    cost_axis
        What costs are of: macs, say.
    budget
        Relative cost within which each seed's point is the best on its validation part.
    at_routing
        Shares of the validation samples that leave at each exit by each seed's thresholds
        (`harness.analysis.given_routing`). One of `budget` and `at_routing` is None.
    seeds, trials
        Numbers of fresh seeds and of the networks trained on them.
    accuracy_low, accuracy_high, f1_weighted_low, f1_weighted_high
        95 % interval of the mean over seeds.
    routing
        Share of the samples that leaves at each exit.
    relative_cost
        Relative to the largest full static network of the study.
    hypervolume, gain
        Of the regime's whole frontier, and its paired difference to the study's baseline, with 95 %
        intervals over searches or seeds and test samples.
    p_holm
        Of the gain: Wilcoxon's signed-rank test with Holm's correction; None of the baseline.
    """

    study: str
    dataset: str
    split: str
    train_share: float
    backbone: str
    epochs: int | None
    searches: int
    regime: str
    policy: str
    cost_axis: str
    budget: float | None
    at_routing: tuple[float, ...] | None
    seeds: int
    trials: int
    f1_weighted: float | None
    f1_weighted_low: float | None
    f1_weighted_high: float | None
    f1_macro: float | None
    precision_weighted: float | None
    recall_weighted: float | None
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    average_accuracy: float | None
    kappa: float | None
    r2: float | None
    rmse: float | None
    routing: tuple[float, ...]
    relative_cost: float
    hypervolume: float
    hypervolume_low: float | None
    hypervolume_high: float | None
    baseline: str
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    p_holm: float | None
    data_digest: str


class StudyFindings(Record):
    """The findings of one study.

    Attributes
    ----------
    recorded
        `StudyRecord.recorded_digest` of the confirmation that they are of.
    """

    recorded: str
    rows: tuple[Finding, ...]


class Findings(Record):
    """The findings of all studies of a project."""

    rows: tuple[Finding, ...]


def write_study_findings(
    study_folder: Path, record: StudyRecord, rows: Sequence[Finding]
) -> StudyFindings:
    """Write a study's findings beside its confirmation's tables.

    Parameters
    ----------
    record
        Of the confirmation.
    """
    found = StudyFindings(recorded=record.recorded_digest(), rows=tuple(rows))
    write_record(confirmation_folder(study_folder) / FINDINGS, found, indent=None)
    return found


def collect_findings(results: Path) -> tuple[Findings, tuple[str, ...]]:
    """Write the findings of all studies below a results folder into its `findings.json`.

    Returns
    -------
    What was written, studies in the order of their names; and of each study whose findings are left
    out why they are: its file is damaged, or of another state of the study.
    """
    rows: list[Finding] = []
    without = []
    for file in sorted(results.glob(f"*/{confirmation_folder(Path()).name}/{FINDINGS}")):
        folder = file.parents[1]
        try:
            found = read_record(file, StudyFindings, remedy=_again(folder))
        except DataError as error:
            without.append(str(error))
            continue
        if reason := _outdated(folder, found):
            without.append(f"{file}: {reason}; {_again(folder)}")
        else:
            rows += found.rows
    collected = Findings(rows=tuple(rows))
    write_record(results / FINDINGS, collected)
    return collected, tuple(without)


def _outdated(folder: Path, found: StudyFindings) -> str:
    try:
        record = confirmed(folder)
    except InputError as error:
        return str(error)
    if record is None or record.recorded_digest() != found.recorded:
        return "the study was confirmed anew since"
    return ""


def _again(folder: Path) -> str:
    return f"`harness findings {folder.name}` writes them again"
