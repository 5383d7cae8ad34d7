"""`harness status`."""

from dataclasses import asdict
from pathlib import Path
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

    `per hour` are the trials that the running or the last launch trains, and `expected end` (local
    time) is when the running one, of the study or of its fresh seeds, is done at this pace.
    `size` is that of all of results/STUDY.
    `tables` are those of `harness frontier`: current, outdated as something changed since, or none.
    `fresh seeds` is the state of `harness confirm`: outdated where the search went on since.
    Of a single study, what changed and the versions of the libraries follow.

    Examples
    --------
        harness status

        harness status indian_pines --json
    """
    from harness.results import study_record

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
        rows.append(_row(folder, record, as_json))
        failures += [
            {"study": record.name, "configuration": c.number, "regime": c.regime, "why": c.reason}
            for c in record.failed()
        ]
    if as_json:
        printing.print_json({"studies": rows, "failures": failures, "unreadable": unreadable})
        return
    printing.print_table("Studies", rows)
    if study:
        _print_details(folders[0])
    if failures:
        typer.echo("Failed configurations")
    for each in failures:
        typer.echo("{study} #{configuration} {regime}: {why}".format_map(each))
    for message in unreadable:
        typer.echo(message, err=True)


def _row(folder: Path, record: "StudyRecord", as_json: bool) -> dict[str, object]:
    from harness.api.states import state_of

    early = {} if as_json or record.stopped is None else {"state": f"{record.state}, stopped"}
    return {
        **_shown(asdict(state_of(folder, record)), as_json),
        **early,
        **({"versions": record.versions} if as_json else {}),
        **({"stopped": record.stopped} if as_json and record.stopped else {}),
    }


def _shown(state: dict[str, object], as_json: bool) -> dict[str, object]:
    """A state for people: its size in words, and the end in local time."""
    from harness.results.sizes import size_in_words

    if as_json:
        return state
    cells = {"size" if key == "bytes" else key: value for key, value in state.items()}
    return {**cells, "size": size_in_words(int(str(cells["size"])))}


def _print_details(folder: Path) -> None:
    from harness.results.extent import state_in_words
    from harness.results.stamp import outdated
    from harness.results.study_record import read_study_record

    record = read_study_record(folder)
    if record.stopped is not None:
        typer.echo(f"{record.name}: {state_in_words(record)}")
    if reason := outdated(folder, record):
        typer.echo(f"{reason}; `harness frontier {record.name}` makes them")
    versions = (f"{name} {_listed(found)}" for name, found in record.versions.items())
    typer.echo(f"versions: {', '.join(versions)}")


def _listed(found: str | tuple[str, ...]) -> str:
    return found if isinstance(found, str) else " and ".join(found)
