"""A study's tables, pictures and pages on MLflow's parent run, as commands publish them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from harness.cli import locate
from harness.core.urls import shown_error


def publish(
    study: Path, tables: Path, tracking_uri: str | None, pages: Sequence[Path] = ()
) -> None:
    """Publish on the parent run of the newest launch; a fault is only reported.

    Of an imported study nothing is, nor in a clone, unless its trials were logged.
    """
    from harness.report.publishing import publish_study
    from harness.results.absent import outputs_are_here
    from harness.results.launches import LAUNCHES
    from harness.results.study_record import read_header

    elsewhere = read_header(study).imported or not outputs_are_here(study)
    if elsewhere and not (study / LAUNCHES).is_file():
        return  # nothing of it is in MLflow unless `harness sync` puts it there
    with faults_told():
        publish_study(study, tables, locate.tracking_store(tracking_uri), pages)


@contextmanager
def faults_told() -> Iterator[None]:
    """Report what MLflow cannot show, and go on: results do not depend on it."""
    try:
        yield
    except Exception as error:
        typer.echo(f"not shown in MLflow ({shown_error(error)})", err=True)
