"""`harness compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from harness.cli import locate, options, printing
from harness.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from harness.analysis.policy_comparison import EvaluationChoice


_Cost: TypeAlias = Literal["macs", "parameters", "latency", "throughput"]


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
        bool,
        typer.Option(
            "--calibrated",
            help="Scale logits by fitted temperatures first; `--policies all` then leaves out "
            "those that it does not change.",
        ),
    ] = False,
    cost: Annotated[
        _Cost,
        typer.Option(
            help="What a sample pays: latency is measured on this machine one by one, "
            "throughput in batches."
        ),
    ] = "macs",
    pairs: Annotated[bool, typer.Option("--pairs", help="Show all pairs of regimes.")] = False,
    form: printing.Form = "table",
    as_json: options.AsJson = False,
) -> None:
    """Compare the regimes of studies over their seeds, best mean test hypervolume first.

    Reads what `harness frontier` wrote. `hypervolume` is the mean over seeds of each seed's own
    frontier, chosen on validation and measured on test; `gain` is the paired difference to
    `joint`. Intervals (95 %) resample the seeds and the test samples; p is Wilcoxon's signed-rank
    test, corrected by Holm over all pairs of regimes. `attains joint` is the probability to attain
    what `joint` does at a budget drawn at random. `cost at 95 %` is what the cheapest point costs
    that reaches 95 % of the best accuracy on validation. Of several studies ranks follow.

    With an option of policy, selection, calibration or cost it looks at the outputs of all
    networks anew: thresholds are chosen on validation, nothing is trained, and a regime's frontier
    is over all its seeds together.

    `--cost latency` and `--cost throughput` time each architecture once, on one thread, relative to
    the study's largest full static network timed alike. Latency is of samples run one by one.
    Throughput is the seconds per sample of a batch of 256 of which all leave at the same exit, with
    the confidence of every exit passed and the copy of the samples that stay. Batches in which
    samples leave at different exits are approximated by the mean of the exits' costs, weighted by
    how many leave there. Where a stage is small and few samples go on, that is too cheap, as a
    small batch costs more per sample; `harness speed` times such batches themselves.

    Examples
    --------
        harness compare quickstart

        harness compare indian_pines fashion_mnist --json

        harness compare indian_pines --pairs --format csv

        harness compare indian_pines --format latex > table.tex

        harness compare indian_pines --policies max_softmax,entropy,patience

        harness compare indian_pines --policies all --selection budgeted --calibrated

        harness compare indian_pines --cost latency

        harness compare indian_pines --cost throughput
    """
    from harness.analysis.policy_comparison import EvaluationChoice
    from harness.report.sheets import evaluation_sheets, pair_sheets, regime_sheets

    folders = list(dict.fromkeys(map(locate.study_folder, studies)))
    own = policies is None and selection is None and not calibrated and cost == "macs"
    if own:
        sheets = (pair_sheets if pairs else regime_sheets)(folders)
    elif pairs:
        raise InputError("--pairs compares the studies' own frontiers: leave the other options out")
    else:
        names = tuple(policies.split(",")) if policies else ()
        choice = EvaluationChoice(names, selection or "exact_table", calibrated, cost)
        sheets = evaluation_sheets([_evaluate(folder, choice) for folder in folders])
    printing.print_sheets(sheets, form, as_json)


def _evaluate(folder: Path, choice: "EvaluationChoice") -> "pd.DataFrame":
    from harness.analysis.policy_comparison import policy_comparison, policy_evaluations
    from harness.cli.progress import StepBar
    from harness.results.study_record import read_finished

    record = read_finished(folder)
    asked = policy_evaluations(folder, record, choice)
    with StepBar(record.name, len(asked)) as bar:
        return policy_comparison(folder, record, asked, bar.step)
