"""`harness export`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli import locate, options, printing
from harness.core.urls import shown_error

if TYPE_CHECKING:
    from harness.frontier.operating_point import OperatingPoint
    from harness.results.study_record import StudyRecord

_Point = Annotated[
    Literal["knee", "best-accuracy", "cheapest", "cheapest-95"],
    typer.Option(
        help="Operating point of the validation frontiers: knee, best-accuracy, cheapest or "
        "cheapest-95 (the cheapest with 95 % of the best accuracy).",
        metavar="POINT",
    ),
]


def export(
    study: options.StudyName,
    point: _Point = "knee",
    regime: Annotated[
        str | None, typer.Option(help="Name of a regime: only its points.", metavar="NAME")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Key of a trial: only its points.", metavar="KEY")
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(help="In place of --point: number of the point, from 1, by rising cost."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; default: results/STUDY/export.")
    ] = None,
    as_json: options.AsJson = False,
    log: Annotated[
        bool, typer.Option(help="Log it as an MLflow model too, on its trial's run.")
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Export a trained early-exit network with its thresholds, to run without harness.

    The folder holds a torch.export program per stage, a manifest, and runtime.py, which drops the
    samples that left from the batch. Operating points are those of `harness frontier`.

    Examples
    --------
        harness export quickstart

        harness export indian_pines --regime soft_cgt --point best-accuracy --output soft_cgt

        python results/quickstart/export/runtime.py results/quickstart/export/example.npy
    """
    from harness.export.artifact import EXAMPLE, RUNTIME, write_export
    from harness.frontier.operating_point import Wanted, choose
    from harness.results import study_record
    from harness.results.tables import read_frontier

    source = locate.study_folder(study)
    record = study_record.read_study_record(source)
    wanted = Wanted(regime, key, row, point)
    chosen = choose(read_frontier(source), wanted, record.reference.score)
    folder = output or source / "export"
    write_export(locate.current_project(), source, record, chosen, folder)
    model = _log(source, record, chosen, folder, tracking_uri) if log else None
    shown = {"regime": chosen.regime, "key": chosen.key, **chosen.measured}
    if as_json:
        thresholds = [t if math.isfinite(t) else None for t in chosen.thresholds]
        found = {**shown, "thresholds": thresholds, "folder": str(folder), "model": model}
        return printing.print_json(found)
    printing.print_table(f"{record.name}: exported to {folder}", [shown])
    typer.echo(f"thresholds on the confidence at exits 1, 2, ..: {list(chosen.thresholds)}")
    typer.echo(f"run it: python {folder / RUNTIME} {folder / EXAMPLE}")
    if model:
        store = locate.tracking_store(tracking_uri).shown
        typer.echo(f"or, with MLFLOW_TRACKING_URI={store}: mlflow.pyfunc.load_model({model!r})")
    return None


def _log(
    source: Path,
    record: "StudyRecord",
    chosen: "OperatingPoint",
    folder: Path,
    tracking_uri: str | None,
) -> str | None:
    """The MLflow model's URI; a fault is reported, not raised: the folder is written already."""
    from harness.export.mlflow_model import as_model
    from harness.tracking.logged_models import log_model

    try:
        model = as_model(source, record, chosen, folder)
        return log_model(locate.tracking_store(tracking_uri), model)
    except Exception as error:
        typer.echo(f"not logged to MLflow ({shown_error(error)})", err=True)
        return None
