"""`harness compare`."""

from typing import Annotated

import typer

from harness.cli import cost as costs
from harness.cli import locate, options, printing
from harness.core.errors import InputError


def compare(
    studies: Annotated[
        list[str], typer.Argument(help="Names of one or more studies.", metavar="STUDY...")
    ],
    policies: Annotated[
        str | None,
        typer.Option(
            help="Exit policies to compare under, separated by commas, or `all`; with parameters: "
            "`NAME:{KEY: VALUE}`.",
            metavar="all|NAME,...",
        ),
    ] = None,
    selection: options.Selection = None,
    calibrated: Annotated[
        bool,
        typer.Option(
            "--calibrated",
            help="Scale logits by temperatures fitted on held-out samples first; `--policies all` "
            "then leaves out the policies that this does not change.",
        ),
    ] = False,
    cost: costs.Axis = "macs",
    device: costs.TimedOn = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Compare every pair of regimes.")] = False,
    at: Annotated[
        float | None,
        typer.Option(
            "--at",
            help="Show all metrics on test within this share of full cost: 0.05, 0.1, .. 1.",
            metavar="COST",
        ),
    ] = None,
    form: printing.Form = "table",
    as_json: options.AsJson = False,
) -> None:
    """Compare training regimes by test hypervolume over seeds, or under other exit policies.

    Reads the tables that `harness frontier` wrote: of the fresh seeds of `harness confirm`, where
    the study is confirmed. Searched seeds, on which configurations were chosen, are exploratory:
    nothing is tested on them. `hypervolume` is the test hypervolume of each seed's own frontier,
    averaged over seeds: the area under the test accuracy of the point that validation chose for
    each cost budget. `gain` is the paired difference to the study's baseline. Intervals (95 %) are
    over seeds and test samples; with one seed they are of the test samples only. p is from the
    signed-rank test, corrected by Holm over the regimes compared with the baseline; --pairs
    compares every pair of regimes, corrected over all of them. `acc. at 25%` is the accuracy within
    a quarter of the cost of the largest full static network, empty where no point is that cheap and
    marked † where the points chosen cost more on test; `cost at 95%` the cost of the cheapest point
    with 95 % of the study's best accuracy on validation; `best acc.` the accuracy of the point that
    is best on validation, which a cheaper one may exceed on test. `share ≥ joint` is the share of
    the cost budgets at which a regime is at least as accurate as the baseline. For several studies
    their ranks follow.

    With --at the metrics of each regime within a cost budget are shown: overall and average
    accuracy (OA, AA), Cohen's kappa, F1, precision and recall (of a regression R^2, RMSE, MAE and
    NLL), cost and routing, as means over seeds.

    With --policies, --selection, --calibrated or --cost the stored outputs of all networks are
    evaluated again: thresholds are chosen on validation, and nothing is trained. Of a study that is
    confirmed these are the networks of its fresh seeds, and figures are as above, with Holm's
    correction for each policy by itself; else a regime's frontier is over all searched seeds
    together, which is exploratory.

    `--cost latency` and `--cost throughput` time each architecture once, on one thread or on the
    --device, relative to the study's largest full static network, timed in the same way. Latency
    is that of single samples. Throughput is given as seconds per sample of a batch of 256 that all
    leave at one exit, including the confidence at every exit on the way and the copy of the samples
    that go on. A batch whose samples leave at several exits is approximated by the mean of the
    exits' costs, weighted by how many leave there. That is too low where a stage is small and few
    samples go on, as small batches cost more per sample; `harness speed` times such batches
    themselves.

    Examples
    --------
        harness compare quickstart

        harness compare indian_pines fashion_mnist --json

        harness compare indian_pines --at 0.5

        harness compare indian_pines --pairs --format csv

        harness compare indian_pines --format latex > table.tex

        harness compare indian_pines --policies max_softmax,entropy,patience

        harness compare indian_pines --policies all --selection budgeted --calibrated

        harness compare indian_pines --selection "risk_control:{epsilons: [0.02]}"

        harness compare indian_pines --cost latency

        harness compare indian_pines --cost throughput --device cuda
    """
    from harness.api.comparing import compared, evaluation_choice, metrics_within
    from harness.cli.progress import steps

    choice = evaluation_choice(policies, selection, calibrated, cost, device, pairs)
    folders = list(map(locate.study_folder, studies))
    if at is None:
        found = compared(folders, choice, pairs, steps)
    elif pairs or choice is not None:
        raise InputError("--at shows the studies' own frontiers: leave out the other options")
    else:
        found = metrics_within(folders, at)
    printing.print_sheets(found, form, as_json)
