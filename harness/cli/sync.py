"""`harness sync`."""

import typer

from harness.cli import locate, options


def sync(study: options.StudyName, tracking_uri: options.TrackingUri = None) -> None:
    """Log the trials of a study that MLflow lacks, such as after its server was down.

    Those of its confirmation are logged too.

    Example:

        harness sync indian_pines
    """
    from harness.results.confirmation import confirmation_folder
    from harness.results.study_record import RECORD
    from harness.study.run import sync_study

    folder, store = locate.study_folder(study), locate.tracking_store(tracking_uri)
    fresh = confirmation_folder(folder)
    parts = {folder.name: folder}
    if (fresh / RECORD).is_file():
        parts[f"{folder.name}, fresh seeds"] = fresh
    outcomes = {name: sync_study(path, store) for name, path in parts.items()}
    for name, outcome in outcomes.items():
        if outcome.notice:
            typer.echo(outcome.notice, err=True)
        typer.echo(f"{name}: {outcome.logged} trials logged")
        if outcome.fault:
            typer.echo(outcome.fault, err=True)
    if any(outcome.fault for outcome in outcomes.values()):
        raise typer.Exit(2)
