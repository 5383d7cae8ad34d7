"""`harness findings`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing
from harness.core.budgets import CostName
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.analysis.findings import Asked


def findings(
    studies: Annotated[
        list[str] | None,
        typer.Argument(
            help="Confirmed studies to evaluate; none collects what is there.",
            metavar="STUDY...",
        ),
    ] = None,
    policies: Annotated[
        str | None,
        typer.Option(
            help="Exit policies, separated by commas; default: each study's own.",
            metavar="NAME,...",
        ),
    ] = None,
    costs: Annotated[
        str,
        typer.Option(help="Cost axes, separated by commas, as of harness compare.", metavar="AXES"),
    ] = "macs",
    routing: Annotated[
        str | None,
        typer.Option(
            help="Shares of the samples per exit, as 60/21.3/18.7 (%): also each regime with the "
            "thresholds by which so many leave.",
            metavar="SHARES",
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Write what confirmed studies found to results/findings.json, for papers and scripts.

    Each row is of one regime at one operating point: the best within 25, 50, 75 and 100 % of full
    cost or, with --routing, the thresholds by which given shares of the samples leave. Points are
    chosen on each fresh seed's validation part; a row has the metrics on test (OA, AA, kappa, F1,
    precision, recall), routing and cost, as means over the fresh seeds, and the regime's
    hypervolume with its gain over the baseline, interval and corrected p. The stored outputs of the
    fresh networks are evaluated again; nothing is trained.

    A study's rows lie in results/STUDY/confirmation/findings.json too; results/findings.json has
    those of all studies. Studies that were confirmed anew since, or whose rows are damaged, are
    left out and named.

    Examples
    --------
        harness findings indian_pines

        harness findings indian_pines --policies max_softmax,entropy --costs macs,latency

        harness findings indian_pines --routing 60/21.3/18.7

        harness findings --json | jq '.rows[0]'
    """
    from harness.analysis.findings import Asked
    from harness.core.choice_text import split_choices
    from harness.results.findings import FINDINGS, collect_findings

    names = split_choices(policies, "--policies") if policies else ()
    results = locate.current_project().results
    _evaluate(studies or (), Asked(names, _axes(costs), _shares(routing)))
    collected, without = collect_findings(results)
    printing.print_notes(without)
    if as_json:
        typer.echo(collected.model_dump_json(indent=1))
    count = len({row.study for row in collected.rows})
    typer.echo(
        f"{len(collected.rows)} rows of {count} {'study' if count == 1 else 'studies'} written to "
        f"{results / FINDINGS}",
        err=as_json,
    )


def _evaluate(studies: Sequence[str], asked: "Asked") -> None:
    """Write the findings of some studies, once all of them can be evaluated."""
    from harness.analysis.findings import study_findings
    from harness.cli.progress import StepBar
    from harness.results.absent import check_outputs
    from harness.results.confirmation import confirmation_folder, read_confirmed
    from harness.results.findings import write_study_findings

    folders = [locate.study_folder(study) for study in dict.fromkeys(studies)]
    for folder in folders:
        read_confirmed(folder)
        check_outputs(confirmation_folder(folder))
    for folder in folders:
        with StepBar(folder.name, len(asked.costs) * max(1, len(asked.policies))) as bar:
            record, rows = study_findings(folder, asked, bar.step)
        write_study_findings(folder, record, rows)


def _axes(text: str) -> tuple[CostName, ...]:
    from typing import get_args

    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    known: tuple[CostName, ...] = get_args(CostName)
    if unknown := [each for each in found if each not in known]:
        raise InputError(f"--costs: no cost axis {unknown[0] or 'without a name'}; {known}")
    return tuple(name for name in known if name in found)


def _shares(text: str | None) -> tuple[float, ...]:
    """Shares of per cents that are separated by slashes."""
    if text is None:
        return ()
    try:
        found = tuple(float(part) / 100 for part in text.split("/"))
    except ValueError:
        found = ()
    if not found or min(found) < 0 or abs(sum(found) - 1) > _ROUNDED:
        raise InputError(
            f"--routing {text}: write per cents per exit that add up to 100, as 60/21.3/18.7"
        )
    return found


_ROUNDED = 0.005
"""Published shares are rounded."""
