"""`harness status`."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.results.study_record import StudyRecord


def status(
    study: Annotated[
        str | None, typer.Argument(help="Name of a study; default: all.", metavar="[STUDY]")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the progress of studies, and why configurations failed.

    Examples
    --------
        harness status

        harness status indian_pines --json
    """
    from harness.results import study_record, trials

    results = locate.current_project().results
    folders = [locate.study_folder(study)] if study else sorted(results.glob("*/"))
    folders = [f for f in folders if study or (f / study_record.RECORD).exists()]
    if not folders:
        raise InputError(f"{results}: no study yet; try harness launch studies/quickstart.yaml")
    rows = []
    failures = []
    unreadable = []
    for folder in folders:
        try:
            record = study_record.read_study_record(folder)
        except InputError as error:
            if study:
                raise
            # One study that cannot be read hides no other.
            unreadable.append(str(error))
            continue
        rows.append(_row(record, len(trials.stored_keys(folder))))
        failures += [
            {"study": record.name, "configuration": c.number, "regime": c.regime, "why": c.reason}
            for c in record.failed()
        ]
    if as_json:
        printing.print_json({"studies": rows, "failures": failures, "unreadable": unreadable})
        return
    printing.print_table("Studies", rows)
    if failures:
        typer.echo("Failed configurations")
    for each in failures:
        typer.echo("{study} #{configuration} {regime}: {why}".format_map(each))
    for message in unreadable:
        typer.echo(message, err=True)


def _row(record: "StudyRecord", stored: int) -> dict[str, object]:
    return {
        "study": record.name,
        "state": record.state,
        "trials": stored,
        "planned": record.planned,
        "failed": len(record.failed()),
        "split": record.spec.split,
        "configurations": len(record.configurations),
        "data": record.manifest.provenance,
    }
