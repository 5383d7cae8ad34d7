"""`harness compare`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli import options

if TYPE_CHECKING:
    import pandas as pd

    from harness.report.evaluation import CostAxis
    from harness.results.study_record import StudyRecord


def compare(
    studies: Annotated[list[str], typer.Argument(help="Studies to compare.", metavar="STUDY...")],
    policies: Annotated[
        str | None,
        typer.Option(help="Exit policies, separated by commas, or `all`.", metavar="all|NAME,..."),
    ] = None,
    selection: Annotated[
        str | None, typer.Option(help="How thresholds are chosen: see `harness list selections`.")
    ] = None,
    calibrated: Annotated[
        bool, typer.Option("--calibrated", help="Scale logits by fitted temperatures first.")
    ] = False,
    cost: Annotated[
        Literal["macs", "parameters", "latency"],
        typer.Option(help="What a sample pays: latency is measured on this machine, one by one."),
    ] = "macs",
    as_json: options.AsJson = False,
) -> None:
    """Compare the regimes of one or more studies, best test hypervolume first.

    Reads what `harness frontier` wrote. With an option, looks at the outputs of all networks anew:
    thresholds are chosen on validation, and nothing is trained. `gain` is the test hypervolume over
    that of `joint`.

    Examples
    --------
        harness compare quickstart

        harness compare indian_pines fashion_mnist --json

        harness compare indian_pines --policies max_softmax,entropy,patience

        harness compare indian_pines --policies all --selection budgeted --calibrated

        harness compare indian_pines --cost latency
    """
    import pandas as pd  # noqa: PLC0415

    from harness.report.comparison import comparison, records  # noqa: PLC0415

    folders = [options.study_folder(study) for study in studies]
    if policies is None and selection is None and not calibrated and cost == "macs":
        table = comparison(folders)
    else:
        asked = _Asked(policies, selection or "exact_table", calibrated, cost)
        table = pd.concat([_look_anew(folder, asked) for folder in folders], ignore_index=True)
    options.print_rows("Regimes compared (thresholds from validation)", records(table), as_json)


@dataclass(frozen=True)
class _Asked:
    policies: str | None
    selection: str
    calibrated: bool
    cost: Literal["macs", "parameters", "latency"]


def _look_anew(folder: Path, asked: _Asked) -> "pd.DataFrame":
    from harness.cli.progress import StepProgress  # noqa: PLC0415
    from harness.report.comparison import policy_comparison  # noqa: PLC0415
    from harness.report.evaluation import evaluations, every_policy  # noqa: PLC0415
    from harness.report.stage import finished_record  # noqa: PLC0415

    record = finished_record(folder)
    names = asked.policies.split(",") if asked.policies else []
    if names == ["all"]:
        names = every_policy(folder, record)
    axis = _axis(folder, record, asked.cost)
    found = evaluations(record, names, asked.selection, asked.calibrated, axis)
    with StepProgress(record.name, len(found)) as bar:
        return policy_comparison(folder, record, found, bar.step)


def _axis(
    folder: Path, record: "StudyRecord", cost: Literal["macs", "parameters", "latency"]
) -> "CostAxis":
    from harness.report.evaluation import CostAxis, macs  # noqa: PLC0415
    from harness.results import trials  # noqa: PLC0415

    if cost == "macs":
        return macs(record)
    from harness.study.axes import axis_costs  # noqa: PLC0415

    keys = [key for c in record.configurations if c.told is not None for key in c.keys]
    reference, costs = axis_costs(record, (trials.read(folder, key) for key in keys), cost)
    return CostAxis(cost, reference, lambda result: costs[result.spec.key])
