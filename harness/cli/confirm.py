"""`harness confirm`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import cluster as on
from harness.cli import ending, locate, options, printing
from harness.cli import workers as at
from harness.core.errors import InputError
from harness.core.waiting import waiting

if TYPE_CHECKING:
    from harness.core.study_spec import Confirm
    from harness.results.study_record import Configuration, StudyRecord
    from harness.study.confirmation import FreshSplits


def confirm(
    study: options.StudyName,
    workers: at.Workers = None,
    device: at.Device = "auto",
    per_device: at.PerDevice = 1,
    executor: on.Executor = None,
    scheduler: on.Scheduler = None,
    cluster: on.Cluster = None,
    profile: on.ProfileFile = None,
    shared: on.Shared = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would be trained, or why it would be refused; train nothing.",
        ),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Train again what failed (diverged).")
    ] = False,
    as_json: options.AsJson = False,
    mirror: options.Mirror = None,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Train what a search found best on fresh seeds; resumes where it stopped.

    Of each regime the configurations that are best on validation within 25, 50 and 75 % of the cost
    are trained on 10 seeds on which nothing was chosen, each with a split of its own (a canonical
    test part stays). `confirm` in the study file sets these: as it was launched, or as it is now
    where the file is given in place of the name. What `compare`, the report and
    `recommend` say of regimes is of these seeds; searched ones are exploratory.

    Examples
    --------
        harness confirm quickstart --workers 2

        harness confirm studies/indian_pines.yaml --dry-run

        harness confirm indian_pines --profile deploy/slurm.yaml

    Exit codes: 0 done, 2 bad input, 3 some trials failed or ended in an error, 130 interrupted (143
    by SIGTERM, 129 by SIGHUP).
    """
    if as_json and not dry_run:
        raise InputError("--json: goes with --dry-run, for the plan; see `harness status --json`")
    folder, settings = locate.study_folder(study), _settings(study)
    if dry_run:
        return _show_plan(*_checked(folder, settings), as_json)
    asked = on.ClusterOptions(executor, scheduler, cluster, profile, shared)
    with waiting(f"reading study {folder.name}"):
        place = at.place_of(workers, device, per_device, asked, folder)
    return confirm_study_of(folder, settings, place, mirror, tracking_uri, retry_failed)


def _settings(study: str) -> "Confirm | None":
    """How the file that a study is named by has it confirmed; None for a study's own name."""
    from harness.study.study_file import read_study

    return read_study(Path(study)).confirm if locate.is_file_name(study) else None


def confirm_study_of(
    folder: Path,
    settings: "Confirm | None",
    place: at.Place,
    mirror: Path | None,
    tracking_uri: str | None,
    retry_failed: bool = False,
) -> None:
    """Confirm the study of a folder, with its progress; exits with a code unless all went well.

    Parameters
    ----------
    settings
        In place of those that the study was launched with.
    """
    with waiting(f"reading study {folder.name}"):
        from harness.cli.progress import StudyBar
        from harness.study.checks import check_workers
        from harness.study.confirmation import ConfirmationPlan
        from harness.study.run import LaunchOptions, confirm_study

        search, chosen = _candidates(folder, settings)
    check_workers(search.spec, len(place.slots))
    plan = ConfirmationPlan(search, chosen, _prepared(search, mirror))
    chosen_options = LaunchOptions(
        place.slots, False, retry_failed, ending.say_stopping, cluster=place.cluster
    )
    store = locate.tracking_store(tracking_uri)
    with StudyBar(f"{search.name}, fresh seeds") as live:
        outcome = confirm_study(locate.current_project(), plan, chosen_options, store, live.show)
    following = f"harness frontier {search.name}; harness recommend {search.name} --cost 0.5"
    ending.close(outcome, folder, following)


def _checked(
    folder: Path, settings: "Confirm | None"
) -> "tuple[StudyRecord, tuple[Configuration, ...]]":
    """The candidates, of a study whose confirmation nothing would refuse."""
    from harness.results.confirmation import confirmation_folder
    from harness.results.launch_lock import check_free
    from harness.study.resume import check_unchanged

    with waiting(f"reading study {folder.name}"):
        search, chosen = _candidates(folder, settings)
        check_unchanged(search)
    check_free(confirmation_folder(folder))
    return search, chosen


def _candidates(
    folder: Path, settings: "Confirm | None"
) -> "tuple[StudyRecord, tuple[Configuration, ...]]":
    from harness.results.study_record import read_finished
    from harness.study.candidates import candidates
    from harness.study.scoring import Scorer

    search = read_finished(folder)
    if search.state != "done":
        note = f"the search is not complete ({search.state}): `harness launch` goes on with it"
        printing.print_notes([note])
    if settings is not None:
        spec = search.spec.model_copy(update={"confirm": settings})
        search = search.model_copy(update={"spec": spec})
    return search, candidates(search, Scorer(search, folder))


def _prepared(search: "StudyRecord", mirror: Path | None) -> "FreshSplits":
    """The splits of the fresh seeds, prepared where need be; seeds passed over are named."""
    from harness.cli.progress import DownloadBar, StepBar
    from harness.study.confirmation import fresh_splits

    study = search.spec
    total = study.confirm.seeds * study.searches
    with DownloadBar() as fetching, StepBar(f"{study.name}: splits", total) as bar:
        fresh = fresh_splits(
            locate.current_project(), search, mirror, fetching.show, lambda s: bar.step(f"seed {s}")
        )
    printing.print_notes(f"seed passed over: {reason}" for reason in fresh.skipped)
    return fresh


def _show_plan(search: "StudyRecord", chosen: "tuple[Configuration, ...]", as_json: bool) -> None:
    from harness.results.extent import seeds_of

    seeds = search.spec.confirm.seeds
    per_seed = {c.number: len(c.keys) // len(seeds_of(search.spec, c)) for c in chosen}
    rows = [
        {
            "regime": each.regime,
            "search": each.search,
            "configuration": each.number,
            "trials": per_seed[each.number] * seeds,
            "parameters": ", ".join(f"{k}={_short(v)}" for k, v in each.parameters.items()),
        }
        for each in chosen
    ]
    title = f"{search.name}: {seeds} fresh seeds, {sum(per_seed.values()) * seeds} trials"
    printing.print_rows(title, rows, as_json)


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
