"""`harness ui`."""

from typing import Annotated

import typer

from harness.cli import locate


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 5000,
) -> None:
    """Serve the MLflow UI with all studies, on this machine only; Ctrl-C stops it.

    Example:

        harness ui --port 5001
    """
    from harness.tracking.server import serve

    project = locate.current_project()
    project.results.mkdir(exist_ok=True)
    typer.echo(f"MLflow at http://127.0.0.1:{port} (Ctrl-C stops it)")
    raise typer.Exit(serve(project.tracking_uri, project.artifacts, port))
