"""`harness launch`."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing, publishing
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.core.study_spec import StudySpec
    from harness.study.run import LaunchOutcome

FAILED, INTERRUPTED = 3, 130


def launch(
    file: Annotated[Path, typer.Argument(help="Study file.", metavar="STUDY.yaml")],
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Total of trials, in place of the file's run_cap.")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Change the study: a.b=value. Repeatable.")
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="Two tiny configurations per regime, to try it out.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and show the plan; train nothing.")
    ] = False,
    restart: Annotated[
        bool,
        typer.Option(
            "--restart",
            help="Where a different study of this name is stored: begin anew, use its results "
            "where trials are the same, and delete the others at the end.",
        ),
    ] = False,
    as_json: options.AsJson = False,
    mirror: options.Mirror = None,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Run a study, or take it up where it stopped.

    Trials that are done are never trained again. Ctrl-C stops and keeps all that finished.

    Examples
    --------
        harness launch studies/quickstart.yaml --workers 2

        harness launch studies/indian_pines.yaml --trials 60

        harness launch studies/fashion_mnist.yaml --set name=fm-long --set training.epochs=30

    Exit codes: 0 done, 2 bad input, 3 some trials failed, 130 interrupted.
    """
    from harness.cli.progress import DownloadBar, StudyBar
    from harness.data.load import ensure, task_of_split
    from harness.study.run import LaunchOptions, run_study
    from harness.study.space import check

    if as_json and not dry_run:
        raise InputError("--json: goes with --dry-run, for the plan; see `harness status --json`")
    study = _asked(file, assignments or [], trials, smoke)
    project = locate.current_project()
    check(study, str(file), task_of_split(project.splits, study.split))
    if dry_run:
        return _show_plan(study, as_json)
    with DownloadBar() as fetching:
        manifest = ensure(project, study.split, mirror, fetching.show)
    store = locate.tracking_store(tracking_uri)
    chosen = LaunchOptions(workers, restart)
    with StudyBar(study.name) as live:
        outcome = run_study(project, study, manifest, chosen, store, live.show)
    _publish(outcome, tracking_uri)
    return _close(outcome)


def _asked(file: Path, assignments: list[str], trials: int | None, smoke: bool) -> "StudySpec":
    """The study of a file, as the options change it."""
    from harness.study.plan import smoke as make_smoke
    from harness.study.study_file import read_study

    study = read_study(file, assignments)
    if trials is not None:
        study = study.model_copy(update={"run_cap": trials})
    return make_smoke(study) if smoke else study


def _show_plan(study: "StudySpec", as_json: bool) -> None:
    from harness.study.plan import regime_plans

    title = f"{study.name}: split {study.split}, {study.method}, expected {study.expected_duration}"
    printing.print_rows(title, [asdict(each) for each in regime_plans(study)], as_json)


def _publish(outcome: "LaunchOutcome", tracking_uri: str | None) -> None:
    """Put the validation frontiers on MLflow's parent run, when there is anything to show."""
    from harness.analysis.frontier_stage import write_validation_tables

    folder = locate.study_folder(outcome.record.name)
    succeeded = len(outcome.record.configurations) - len(outcome.record.failed())
    if outcome.logging_fault is None and succeeded:
        with tempfile.TemporaryDirectory() as scratch:
            write_validation_tables(folder, Path(scratch))
            publishing.publish(folder, Path(scratch), tracking_uri)


def _close(outcome: "LaunchOutcome") -> None:
    record = outcome.record
    name, failed = record.name, record.failed()
    typer.echo(
        f"{name}: {record.state}; {len(record.configurations)} configurations told, "
        f"{len(failed)} failed. Results in {locate.study_folder(name)}"
    )
    if failed:
        typer.echo(f"first failure: #{failed[0].number} {failed[0].regime}: {failed[0].reason}")
    if outcome.logging_fault:
        typer.echo(
            f"MLflow lacks part of it ({outcome.logging_fault}); nothing is lost: "
            f"`harness sync {name}` logs the rest",
            err=True,
        )
    if record.state == "interrupted":
        typer.echo("launch again to go on where it stopped")
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"next: harness frontier {name}; harness compare {name}; harness ui")
    if failed:
        raise typer.Exit(FAILED)
