"""`harness ui`."""

from typing import Annotated

import typer

from harness.cli import locate, options


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 5000,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Serve the MLflow UI with all studies, on this machine only; Ctrl-C stops it.

    A tracking URI that names a database is served in place of the store below results/.

    Example:

        harness ui --port 5001
    """
    from harness.tracking.server import serve

    store = locate.tracking_store(tracking_uri)
    typer.echo(f"MLflow at http://127.0.0.1:{port} shows {store.shown} (Ctrl-C stops it)")
    raise typer.Exit(serve(store, locate.current_project().artifacts, port))
