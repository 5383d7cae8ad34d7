"""`harness status`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing
from harness.core.errors import InputError


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
    for folder in folders:
        record = study_record.read_study_record(folder)
        rows.append(
            {
                "study": record.name,
                "state": study_record.state_of(folder, record),
                "trials": len(trials.stored_keys(folder)),
                "planned": record.planned,
                "failed": len(record.failed()),
                "split": record.spec.split,
                "configurations": len(record.configurations),
                "data": record.manifest.provenance,
            }
        )
        failures += [
            {"study": record.name, "configuration": c.number, "regime": c.regime, "why": c.reason}
            for c in record.failed()
        ]
    if as_json:
        printing.print_json({"studies": rows, "failures": failures})
        return
    printing.print_table("Studies", rows)
    if failures:
        typer.echo("Failed configurations")
    for each in failures:
        typer.echo("{study} #{configuration} {regime}: {why}".format_map(each))
