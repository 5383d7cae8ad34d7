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

_Restart = Annotated[
    bool,
    typer.Option(
        "--restart",
        help="Start over where a different study of this name is stored; results of trials that "
        "both have are kept, the others deleted at the end.",
    ),
]


def launch(
    file: Annotated[
        Path,
        typer.Argument(help="Study file, such as studies/quickstart.yaml.", metavar="STUDY.yaml"),
    ],
    workers: Annotated[int, typer.Option(min=1, help="Processes that train, one thread each.")] = 1,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="Trials (networks) in all, in place of the study file's run_cap."),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change a field of the study file. Repeatable.", metavar="A.B=VALUE"
        ),
    ] = None,
    smoke: Annotated[
        bool,
        typer.Option("--smoke", help="Two tiny configurations per regime, to test the set-up."),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check the study file and show its plan; train nothing."),
    ] = False,
    restart: _Restart = False,
    as_json: options.AsJson = False,
    mirror: options.Mirror = None,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Run a study: search and train its regimes' configurations; resumes where it stopped.

    A trial with a result is never trained again, unless its files are lost or damaged. Ctrl-C stops
    the launch and keeps what is done.

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
    study = _study_of(file, assignments or [], trials, smoke)
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


def _study_of(file: Path, assignments: list[str], trials: int | None, smoke: bool) -> "StudySpec":
    """The study of a file, with the changes that the options ask for."""
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
    """Put the validation frontiers on MLflow's parent run, where some configuration succeeded."""
    from harness.analysis.frontier_stage import write_validation_tables

    folder = locate.study_folder(outcome.record.name)
    if outcome.logging_fault is None and outcome.record.succeeded():
        with tempfile.TemporaryDirectory() as scratch:
            write_validation_tables(folder, Path(scratch))
            publishing.publish(folder, Path(scratch), tracking_uri)


def _close(outcome: "LaunchOutcome") -> None:
    record = outcome.record
    name, failed = record.name, record.failed()
    typer.echo(
        f"{name}: {record.state}; {len(record.configurations)} configurations recorded, "
        f"{len(failed)} failed. Results in {locate.study_folder(name)}"
    )
    if failed:
        typer.echo(f"first failure: #{failed[0].number} {failed[0].regime}: {failed[0].reason}")
    if outcome.logging_fault:
        typer.echo(
            f"not all is logged to MLflow ({outcome.logging_fault}); no result is lost: "
            f"`harness sync {name}` logs the rest",
            err=True,
        )
    if record.state == "interrupted":
        typer.echo("launch again to resume")
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"next: harness frontier {name}; harness compare {name}; harness ui")
    if failed:
        raise typer.Exit(FAILED)
