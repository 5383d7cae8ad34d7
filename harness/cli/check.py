"""`harness check`."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import locate, options, printing


def check(
    files: Annotated[
        list[Path], typer.Argument(help="Plug-ins, KIND/NAME.py, and study files.", metavar="FILE")
    ],
    as_json: options.AsJson = False,
) -> None:
    """Check plug-ins and study files of yours, and say in words what was found.

    A plug-in is held against the contract of its kind: what all of harness relies on. Exit code 2
    where a file breaks its own.

    Examples
    --------
        harness check plugins/regimes/mine.py

        harness check plugins/*/*.py studies/*.yaml
    """
    from harness.contracts.check_file import check_file

    project = locate.project_if_any()
    checked = [check_file(path, project) for path in files if not path.name.startswith("_")]
    if as_json:
        printing.print_json(
            [
                {
                    "file": str(each.path),
                    "kind": each.kind,
                    "name": each.name,
                    "findings": [vars(finding) for finding in each.findings],
                }
                for each in checked
            ]
        )
    else:
        for each in checked:
            typer.echo(f"{each.path}: {each.kind} {each.name}")
            for finding in each.findings:
                word = "FAULT" if finding.fault else "not checked" if finding.missing else "ok"
                typer.echo(f"  {word:<7} {finding.promise}")
                for line in (finding.fault or finding.missing).splitlines():
                    typer.echo(f"          {line}")
            kept = sum(not (f.fault or f.missing) for f in each.findings)
            typer.echo(f"  {kept} of {len(each.findings)} kept, {each.faults} faults")
    if any(each.faults for each in checked):
        raise typer.Exit(2)
