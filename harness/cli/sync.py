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
    project, store = locate.current_project(), locate.tracking_store(tracking_uri)
    logged, fault = sync_study(project, folder, store)
    typer.echo(f"{folder.name}: {logged} trials logged")
    if fault:
        typer.echo(f"then MLflow failed: {fault}", err=True)
        raise typer.Exit(2)
