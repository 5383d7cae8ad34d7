"""`harness clean`."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import asking, locate, options, printing
from harness.results.sizes import size_in_words

if TYPE_CHECKING:
    from harness.results.cleaning import Cleaning


def clean(
    study: options.StudyName,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted; delete nothing.")
    ] = False,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Delete the weights of networks that no command needs; says how much that frees, and asks.

    These are the searched trials that are on no regime's frontier. Their outputs stay, so that
    `frontier`, `compare`, `report` and `recommend` say what they said, and no launch trains them
    again. Networks on a frontier and those of the confirmation keep their weights, which `export`,
    `register` and `speed` run. Needs the tables of `harness frontier`.

    Examples
    --------
        harness clean indian_pines --dry-run

        harness clean indian_pines --yes
    """
    from harness.results.cleaning import clean as clean_study
    from harness.results.cleaning import plan_cleaning

    folder = locate.study_folder(study)
    plan = plan_cleaning(folder)
    if as_json:
        printing.print_json(_row(plan))
    if dry_run or not plan.keys:
        if not as_json:
            typer.echo(_in_words(folder.name, plan))
        return
    asking.confirm([_in_words(folder.name, plan)], "Delete these weights?", yes)
    done = clean_study(folder)
    if not as_json:
        typer.echo(f"{folder.name}: {size_in_words(done.freed)} freed")


def _row(plan: "Cleaning") -> dict[str, object]:
    return {
        "trials": len(plan.keys),
        "bytes": plan.freed,
        "kept": plan.kept,
        "cleaned_before": plan.cleaned,
        "study_bytes": plan.size,
    }


def _in_words(name: str, plan: "Cleaning") -> str:
    before = f", {plan.cleaned} were cleaned before" if plan.cleaned else ""
    return (
        f"{name}, {size_in_words(plan.size)}: the weights of {len(plan.keys)} trials, "
        f"{size_in_words(plan.freed)}, are on no frontier and needed by no command; "
        f"{plan.kept} searched trials keep theirs{before}"
    )
