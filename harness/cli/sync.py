"""`harness sync`."""

import typer

from harness.cli import locate, options


def sync(study: options.StudyName, tracking_uri: options.TrackingUri = None) -> None:
    """Log what MLflow lacks of a study and its confirmation, such as after its server was down.

    Example:

        harness sync indian_pines
    """
    folder = locate.study_folder(study)
    from harness.results.confirmation import confirmation_folder
    from harness.results.study_record import RECORD
    from harness.study.sync import sync_study

    store = locate.tracking_store(tracking_uri)
    confirmation = confirmation_folder(folder)
    folders = [folder, confirmation] if (confirmation / RECORD).is_file() else [folder]
    outcomes = [sync_study(each, store) for each in folders]
    for notice in {each.notice for each in outcomes if each.notice}:
        typer.echo(notice, err=True)
    typer.echo(f"{folder.name}: {sum(each.logged for each in outcomes)} trials logged")
    for fault in (each.fault for each in outcomes if each.fault):
        typer.echo(fault, err=True)
    if any(each.fault for each in outcomes):
        raise typer.Exit(2)
