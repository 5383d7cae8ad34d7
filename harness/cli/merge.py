"""`harness merge`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing

if TYPE_CHECKING:
    from harness.study.merge import Merge


def merge(
    path: Annotated[
        Path,
        typer.Argument(
            help="Another results folder, or the folder of one study within it.",
            metavar="OTHER_RESULTS",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all of it and show it; take nothing in.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Take in what another person or machine did of the same studies; nothing is trained.

    Trials are known by their keys: what is not here yet is copied, and what both have must be
    equal. Of two records of a study the shorter must be the beginning of the longer, which is kept,
    so that `harness launch` goes on from there and trains nothing that either has. Another study
    of the same name (its file, data, plug-ins or result format differ), a result or a configuration
    that contradicts what is here, a damaged file and a symbolic link are refused, and then nothing
    is taken in. Confirmations are merged with their studies.

    Tables are not taken in: run `harness frontier`. MLflow gets the trials by `harness sync`.

    Examples
    --------
        harness merge /mnt/colleague/project/results

        harness merge ~/from-laptop/results/quickstart --dry-run

    Exit codes: 0 done, 2 refused or bad input.
    """
    from harness.cli.progress import StepBar
    from harness.study.merge import count_results, found_studies, merge_studies

    studies, results = found_studies(path), locate.current_project().results
    steps = count_results(studies) * (1 if dry_run else 2)
    with StepBar(f"merge {path}", steps) as bar:
        merges = merge_studies(results, studies, dry_run, bar.step)
    title = f"{path}: {'to be taken in' if dry_run else 'taken in'}"
    printing.print_rows(title, [_row(each) for each in merges], as_json)
    if not as_json:
        _say_next(merges, dry_run)


def _row(merge: "Merge") -> dict[str, object]:
    return {
        "study": merge.name,
        "trials": sum(result.kind == "trials" for result in merge.results),
        "failures": sum(result.kind == "failures" for result in merge.results),
        "configurations": merge.configurations,
        "here_already": merge.known,
    }


def _say_next(merges: "tuple[Merge, ...]", dry_run: bool) -> None:
    changed = [each for each in merges if each.record is not None or each.results]
    if not changed:
        typer.echo("all of it is here already")
    elif not dry_run:
        names = dict.fromkeys(each.name.partition("/")[0] for each in changed)
        typer.echo("MLflow has none of these trials yet, and tables are those of before.")
        for name in names:
            typer.echo(
                f"next: harness sync {name}; harness frontier {name}; where it is not complete, "
                "harness launch its study file"
            )
