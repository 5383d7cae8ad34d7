"""`harness ui`."""

import os
import sys
import webbrowser
from typing import Annotated

import typer

from harness.cli import locate, options
from harness.core.errors import InputError
from harness.core.faults import meant_or_known
from harness.core.waiting import waiting


def ui(
    study: Annotated[
        str | None,
        typer.Argument(
            help="Study to open; default: the only one, or the list.", metavar="[STUDY]"
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 5000,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the address in a browser.")
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Serve the MLflow UI with all studies, on this machine only; Ctrl-C stops it.

    Prints the address of each study's trials. A tracking URI that names a database is served in
    place of the store below results/.

    Examples
    --------
        harness ui

        harness ui indian_pines --port 5001 --no-browser
    """
    from harness.tracking.ports import HOST, check_port

    check_port(port)
    with waiting("opening MLflow's store"):
        from harness.tracking.addresses import EXPERIMENTS, study_addresses
        from harness.tracking.server import open_local, serve

        store = locate.tracking_store(tracking_uri)
        known = study_addresses(open_local(store))
    if study is not None and study not in known:
        listed = meant_or_known(study, sorted(known)) if known else "; none is logged yet"
        raise InputError(f"{study}: no such study in {store.shown}{listed}")
    shown = known if study is None else {study: known[study]}
    first = next(iter(shown.values())) if len(shown) == 1 else EXPERIMENTS
    root = f"http://{HOST}:{port}/"
    typer.echo(f"MLflow shows {store.shown} (Ctrl-C stops it)")
    if study is None:
        typer.echo(f"all studies: {root}{EXPERIMENTS}")
    for name, address in shown.items():
        typer.echo(f"{name}: {root}{address}")

    def open_first() -> None:
        if browser and _has_browser():
            webbrowser.open(f"{root}{first}")

    raise typer.Exit(serve(store, locate.current_project().artifacts, port, open_first))


def _has_browser() -> bool:
    """Whether there is a screen; without one, a browser for terminals would take this one."""
    if "CI" in os.environ:
        return False
    if "BROWSER" in os.environ or sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
