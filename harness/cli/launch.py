"""`harness launch`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import asking, ending, locate, options, printing, publishing
from harness.cli import cluster as on
from harness.cli import confirm as confirming
from harness.cli import workers as at
from harness.core.errors import InputError
from harness.core.waiting import waiting
from harness.results.sizes import size_in_words

if TYPE_CHECKING:
    from harness.core.manifest import Manifest
    from harness.core.project import Project
    from harness.core.study_spec import StudySpec
    from harness.results.growth import Growth
    from harness.study.restart import RestartPlan
    from harness.study.run import LaunchOptions, LaunchOutcome

_File = Annotated[
    Path, typer.Argument(help="Study file, such as studies/quickstart.yaml.", metavar="STUDY.yaml")
]
_Trials = Annotated[
    int | None,
    typer.Option(min=1, help="Trials (networks) in all, in place of the study file's run_cap."),
]
_Smoke = Annotated[
    bool,
    typer.Option("--smoke", help="Two tiny configurations per regime, to test the set-up."),
]
_DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Check the study file and show its plan; train nothing."),
]
_Restart = Annotated[
    bool,
    typer.Option(
        "--restart",
        help="Start over where a different study of this name is stored; results of trials that "
        "both have are kept, the others deleted at the end. Says which and asks first.",
    ),
]
_Yes = Annotated[
    bool, typer.Option("--yes", help="Answer yes to what --restart asks, as in scripts.")
]
_Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Change a field of the study file. Repeatable.", metavar="A.B=VALUE"
    ),
]
_Confirm = Annotated[
    bool, typer.Option("--confirm", help="Once the search is done, `harness confirm` the study.")
]
_RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed",
        help="Train again what failed (diverged); what was proposed after it is proposed anew, and "
        "no other trial is trained again.",
    ),
]


def launch(
    file: _File,
    workers: at.Workers = None,
    device: at.Device = "auto",
    per_device: at.PerDevice = 1,
    executor: on.Executor = None,
    scheduler: on.Scheduler = None,
    cluster: on.Cluster = None,
    profile: on.ProfileFile = None,
    shared: on.Shared = None,
    trials: _Trials = None,
    assignments: _Assignments = None,
    smoke: _Smoke = False,
    dry_run: _DryRun = False,
    restart: _Restart = False,
    yes: _Yes = False,
    retry_failed: _RetryFailed = False,
    confirm: _Confirm = False,
    as_json: options.AsJson = False,
    mirror: options.Mirror = None,
    tracking_uri: options.TrackingUri = None,
    storage: options.Storage = None,
) -> None:
    """Run a study: search and train its regimes' configurations; resumes where it stopped.

    A trial with a result is never trained again, unless its files are lost or damaged. Ctrl-C,
    SIGTERM and SIGHUP stop the launch and keep what is done; a second one stops it at once.

    Examples
    --------
        harness launch studies/quickstart.yaml --workers 2

        harness launch studies/indian_pines.yaml --workers 2 --confirm

        harness launch studies/indian_pines.yaml --trials 60

        harness launch studies/fashion_mnist.yaml --device cuda:0,1 --per-device 4

        harness launch studies/indian_pines.yaml --scheduler tcp://127.0.0.1:8786

        harness launch studies/fashion_mnist.yaml --set name=fm-long --set training.epochs=30

        harness launch studies/fashion_mnist.yaml --storage postgresql+psycopg://me@db.example/studies

    Exit codes: 0 done, 1 not agreed to, 2 bad input, 3 some trials failed or ended in an error, 130
    interrupted (143 by SIGTERM, 129 by SIGHUP).
    """
    if as_json and not dry_run:
        raise InputError("--json: goes with --dry-run, for the plan; see `harness status --json`")
    project = locate.current_project()
    study = _given(project, file, assignments or [], trials)
    asked = on.ClusterOptions(executor, scheduler, cluster, profile, shared)
    with waiting(f"reading {file}"):
        from harness.study.run import LaunchOptions

        study = _tiny(project, study, str(file)) if smoke else study
        folder = project.results / study.name
        place = at.place_of(workers, device, per_device, asked, folder)
        _check(project, study, str(file), len(place.slots))
    chosen = LaunchOptions(
        place.slots, restart, retry_failed, ending.say_stopping, storage, place.cluster
    )
    if dry_run:
        growth = _check_launch(project, study, str(file), chosen, mirror)
        return _show_plan(study, growth, as_json)
    outcome = _run(project, study, chosen, yes, mirror, tracking_uri)
    following = f"harness confirm {study.name}; harness frontier {study.name}"
    ending.close(outcome, folder, following, goes_on=confirm)
    if confirm:
        confirming.confirm_study_of(folder, None, place, mirror, tracking_uri)
        ending.fail_if(outcome.record.failed())
    return None


def _run(
    project: "Project",
    study: "StudySpec",
    chosen: "LaunchOptions",
    yes: bool,
    mirror: Path | None,
    tracking_uri: str | None,
) -> "LaunchOutcome":
    """Prepare the data, run the study with its progress, and publish what it found."""
    from harness.cli.progress import StudyBar
    from harness.study.checks import stacking_notes
    from harness.study.run import run_study

    manifest = _prepared(project, study.split, mirror)
    printing.print_notes(stacking_notes(study, manifest.shape))
    if chosen.restart and (plan := _restart_plan(project, study, manifest, chosen)):
        asking.confirm(_restart_lines(plan), "Start over?", yes)
    store = locate.tracking_store(tracking_uri)
    with StudyBar(study.name) as live:
        outcome = run_study(project, study, manifest, chosen, store, live.show)
    _publish(outcome, tracking_uri)
    return outcome


def _restart_plan(
    project: "Project", study: "StudySpec", manifest: "Manifest", chosen: "LaunchOptions"
) -> "RestartPlan | None":
    """What starting over would delete; None where nothing is stored that it would."""
    from harness.results.launch_lock import check_free
    from harness.study.resume import new_record, planned_restart
    from harness.study.storages.glance import glance

    folder = project.results / study.name
    check_free(folder)
    record = new_record(study, manifest, chosen.slots[0].kind)
    return planned_restart(folder, record, glance(chosen.storage, folder))


def _restart_lines(plan: "RestartPlan") -> list[str]:
    """What starting over means, in words."""
    gone, left = plan.stored - plan.kept, plan.planned - plan.kept
    longest = plan.takes(left)
    sizes = [plan.stored_bytes, plan.kept_bytes, plan.stored_bytes - plan.kept_bytes]
    stored, kept, freed = map(size_in_words, sizes)
    return [
        f"{plan.where} holds another study of this name, with {plan.stored} trials ({stored}). "
        f"What changed:\n{plan.changed}",
        f"--restart begins it anew, with {plan.planned} trials:",
        "  deleted at once: its record and its proposals",
        f"  kept: {plan.kept} stored trials ({kept}), which the changed study is known to have too",
        f"  deleted once it is done: {gone} stored trials ({freed}), but for those that its search "
        "proposes again",
        f"  trained anew: up to {left} trials{longest}",
    ]


def _given(
    project: "Project", file: Path, assignments: list[str], trials: int | None
) -> "StudySpec":
    """The study of a file, with the changes that options ask for; imports nothing slow."""
    from harness.study.early_checks import check_names
    from harness.study.study_file import read_study

    cap = [] if trials is None else [f"run_cap={trials}"]
    study = read_study(file, [*assignments, *cap])
    check_names(study, str(file), project)
    return study


def _tiny(project: "Project", study: "StudySpec", where: str) -> "StudySpec":
    """The study as `--smoke` trains it, checked before it is made tiny."""
    from harness.data.load import task_of_split
    from harness.study.checks import check
    from harness.study.plan import smoke

    check(study, where, task_of_split(project.splits, study.split))
    return smoke(study)


def _prepared(project: "Project", split: str, mirror: Path | None) -> "Manifest":
    """The manifest of a split, fetched and prepared where need be; remarks on it are printed."""
    from harness.cli.progress import DownloadBar
    from harness.data.load import ensure
    from harness.data.notes import split_notes

    with waiting(f"preparing split {split}"), DownloadBar() as fetching:
        manifest = ensure(project, split, mirror, fetching.show)
    printing.print_notes(split_notes(manifest))
    return manifest


def _check(project: "Project", study: "StudySpec", where: str, workers: int) -> None:
    """Refuse what cannot run; say what may surprise."""
    from harness.data.load import task_of_split
    from harness.study.checks import check, check_workers
    from harness.study.plan import plan_notes

    check(study, where, task_of_split(project.splits, study.split))
    check_workers(study, workers)
    printing.print_notes(plan_notes(study))


def _check_launch(
    project: "Project", study: "StudySpec", where: str, chosen: "LaunchOptions", mirror: Path | None
) -> "tuple[Growth, ...]":
    """Refuse what the launch would refuse; say what it would find, and `--restart` would do.

    Returns what a stored study consisted of before it was given regimes or seeds.
    """
    from harness.study.preview import check_launch, prepared_manifest

    with waiting("checking what a launch would find"):
        found = check_launch(project, study, where, chosen, mirror)
        printing.print_notes(found.notes)
    manifest = prepared_manifest(project, study.split, mirror) if chosen.restart else None
    if manifest and (plan := _restart_plan(project, study, manifest, chosen)):
        for line in _restart_lines(plan):
            typer.echo(line, err=True)
    return found.growth


def _show_plan(study: "StudySpec", growth: "tuple[Growth, ...]", as_json: bool) -> None:
    from harness.study.plan import regime_plans

    expected = f", expected {study.expected_duration}" if study.expected_duration else ""
    title = f"{study.name}: split {study.split}, {study.method}{expected}"
    printing.print_rows(title, [asdict(each) for each in regime_plans(study, growth)], as_json)


def _publish(outcome: "LaunchOutcome", tracking_uri: str | None) -> None:
    """Put the validation frontiers on MLflow's parent run, where some configuration succeeded."""
    if outcome.signal is not None:  # who stops a launch does not want to wait for pictures
        return
    if outcome.logging_fault is None and outcome.record.succeeded():
        with waiting("putting the frontiers on MLflow's page of the launch"):
            from harness.api.stores import publish_validation

            folder = locate.study_folder(outcome.record.name)
            with publishing.faults_told():
                publish_validation(folder, locate.tracking_store(tracking_uri))
