"""`harness sync`."""

import typer

from harness.cli import locate, options


def sync(study: options.StudyName, tracking_uri: options.TrackingUri = None) -> None:
    """Log the trials of a study that MLflow lacks, such as after its server was down.

    Example:

        harness sync indian_pines
    """
    from harness.study.run import sync_study

    folder = locate.study_folder(study)
    outcome = sync_study(folder, locate.tracking_store(tracking_uri))
    if outcome.notice:
        typer.echo(outcome.notice, err=True)
    typer.echo(f"{folder.name}: {outcome.logged} trials logged")
    if outcome.fault:
        typer.echo(outcome.fault, err=True)
        raise typer.Exit(2)
