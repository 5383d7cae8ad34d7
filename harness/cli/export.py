"""`harness export`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli import locate, options, printing

if TYPE_CHECKING:
    from harness.frontier.operating_point import OperatingPoint
    from harness.results.study_record import StudyRecord


def export(
    study: options.StudyName,
    point: Annotated[
        Literal["knee", "best-accuracy", "cheapest", "cheapest-95"],
        typer.Option(
            help="Which point of the validation frontier; cheapest-95: with 95 % of its best."
        ),
    ] = "knee",
    regime: Annotated[str | None, typer.Option(help="Only points of this regime.")] = None,
    key: Annotated[str | None, typer.Option(help="Only points of this trial.")] = None,
    row: Annotated[
        int | None,
        typer.Option(help="In place of --point: number of the point by rising cost, from 1."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; by default results/STUDY/export.")
    ] = None,
    as_json: options.AsJson = False,
    log: Annotated[bool, typer.Option(help="Log it as an MLflow model too.")] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Export a trained network with chosen thresholds, to run without harness.

    The folder holds a torch.export program per stage and runtime.py, which drops the samples that
    left an exit from the batch. Points come from `harness frontier`.

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
    model = _log(record, chosen, folder, tracking_uri) if log else None
    shown = {"regime": chosen.regime, "key": chosen.key, **chosen.measured}
    if as_json:
        thresholds = [t if math.isfinite(t) else None for t in chosen.thresholds]
        found = {**shown, "thresholds": thresholds, "folder": str(folder), "model": model}
        return printing.print_json(found)
    printing.print_table(f"{record.name}: exported to {folder}", [shown])
    typer.echo(f"thresholds on the confidence, exit by exit: {list(chosen.thresholds)}")
    typer.echo(f"run it: python {folder / RUNTIME} {folder / EXAMPLE}")
    if model:
        store = locate.tracking_store(tracking_uri).uri
        typer.echo(f"or, with MLFLOW_TRACKING_URI={store}: mlflow.pyfunc.load_model({model!r})")
    return None


def _log(
    record: "StudyRecord", chosen: "OperatingPoint", folder: Path, tracking_uri: str | None
) -> str | None:
    """The MLflow model's URI; a fault is told, not raised: the folder is written already."""
    from harness.export.mlflow_model import as_model
    from harness.tracking.logged_models import log_model

    try:
        return log_model(locate.tracking_store(tracking_uri), as_model(record, chosen, folder))
    except Exception as error:
        reason = str(error).splitlines()[0]
        typer.echo(f"not logged to MLflow ({type(error).__name__}: {reason})", err=True)
        return None
