"""`harness status`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing
from harness.core.errors import DataError, InputError

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
    from harness.results.sizes import size_in_words, size_of
    from harness.results.trials import stored_keys

    trials, size = len(stored_keys(folder)), size_of(folder)
    return {
        "study": record.name,
        "state": record.state,
        "trials": trials,
        "planned": record.planned,
        "failed": len(record.failed()),
        **_pace(folder, record, trials),
        **({"bytes": size} if as_json else {"size": size_in_words(size)}),
        "split": record.spec.split,
        "configurations": len(record.configurations),
        "tables": _tables(folder, record),
        "fresh_seeds": _confirmation(folder),
        "data": record.manifest.provenance,
        **({"versions": record.versions} if as_json else {}),
    }


def _pace(folder: Path, record: "StudyRecord", trials: int) -> dict[str, object]:
    """Trials per hour of the running or the last launch, and when a running one will be done."""
    from harness.results.confirmation import confirmation_folder
    from harness.results.launch_lock import is_launched
    from harness.results.pace import read_pace, seconds_left
    from harness.results.study_record import read_study_record
    from harness.results.trials import stored_keys

    fresh = confirmation_folder(folder)
    if is_launched(fresh):  # the search is over, and its fresh seeds are trained
        folder, record, trials = fresh, read_study_record(fresh), len(stored_keys(fresh))
    pace, now = read_pace(folder), time.time()
    hourly = None if pace is None else pace.per_hour
    left = seconds_left(pace, max(record.planned - trials, 0), now)
    ends = None
    if left is not None and record.state == "running":
        ends = time.strftime("%Y-%m-%d %H:%M", time.localtime(now + left))
    return {"per_hour": None if hourly is None else round(hourly), "expected_end": ends}


def _tables(folder: Path, record: "StudyRecord") -> str:
    from harness.results.stamp import STAMP, outdated

    if not (folder / STAMP).is_file():
        return "none"
    return "outdated" if outdated(folder, record) else "current"


def _confirmation(folder: Path) -> str:
    from harness.results.confirmation import confirmation_folder, confirmed
    from harness.results.study_record import RECORD, read_study_record

    path = confirmation_folder(folder)
    if not (path / RECORD).is_file():
        return "none"
    try:
        confirmed(folder)
        return read_study_record(path).state
    except DataError:
        return "damaged"
    except InputError:
        return "outdated"


def _print_details(folder: Path) -> None:
    from harness.results.stamp import outdated
    from harness.results.study_record import read_study_record

    record = read_study_record(folder)
    if reason := outdated(folder, record):
        typer.echo(f"{reason}; `harness frontier {record.name}` makes them")
    versions = (f"{name} {_listed(found)}" for name, found in record.versions.items())
    typer.echo(f"versions: {', '.join(versions)}")


def _listed(found: str | tuple[str, ...]) -> str:
    return found if isinstance(found, str) else " and ".join(found)
