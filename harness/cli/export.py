"""`harness export`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli import cost as costs
from harness.cli import locate, options, printing
from harness.cli import recommend as recommending
from harness.core.budgets import CostName
from harness.core.errors import InputError
from harness.core.urls import shown_error

if TYPE_CHECKING:
    from harness.frontier.operating_point import Aim, OperatingPoint
    from harness.results.recommendation import Goal
    from harness.results.study_record import StudyRecord

_Point = Annotated[
    Literal["knee", "best-accuracy", "cheapest", "cheapest-95", "cheapest-99"],
    typer.Option(
        help="Operating point of the searched frontiers, on validation: knee, best-accuracy, "
        "cheapest, or cheapest-95 and -99 (the cheapest with that share of the best accuracy).",
        metavar="POINT",
    ),
]


def export(
    study: options.StudyName,
    cost: recommending.Cost = None,
    accuracy: recommending.Accuracy = None,
    policy: recommending.Policy = None,
    axis: costs.Axis = "macs",
    device: costs.TimedOn = None,
    point: _Point = "cheapest-99",
    regime: Annotated[
        str | None, typer.Option(help="Name of a regime: only its points.", metavar="NAME")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Key of a trial: only its points.", metavar="KEY")
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
    samples that left from the batch. With --cost or --accuracy it is what `harness recommend` says
    of a confirmed study; otherwise an operating point of `harness frontier`, of a searched seed.

    Examples
    --------
        harness export indian_pines --cost 0.4

        harness export quickstart

        harness export indian_pines --regime soft_cgt --point best-accuracy --output soft_cgt

        python results/quickstart/export/runtime.py results/quickstart/export/example.npy
    """
    study_folder = locate.study_folder(study)
    from harness.export.artifact import EXAMPLE, RUNTIME, write_export

    folder = output or study_folder / "export"
    if cost is None and accuracy is None:
        if policy is not None or axis != "macs" or device is not None:
            raise InputError("--policy, --axis and --device: go with --cost or --accuracy")
        source, record, chosen = _searched(study_folder, regime, key, point)
    else:
        if key is not None:
            raise InputError("--key: goes with --point; leave out --cost and --accuracy")
        goal = recommending.goal_of(cost, accuracy)
        source, record, chosen = _recommended(study_folder, goal, regime, policy, (axis, device))
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


def _searched(
    folder: Path, regime: str | None, key: str | None, point: "Aim"
) -> "tuple[Path, StudyRecord, OperatingPoint]":
    """A point of the searched frontiers: the folder of its trial, the record, and the point."""
    from harness.frontier.operating_point import Wanted, choose
    from harness.results.study_record import read_study_record
    from harness.results.tables import read_frontier

    record = read_study_record(folder)
    wanted = Wanted(regime, key, point)
    return folder, record, choose(read_frontier(folder), wanted, record.reference.score)


def _recommended(
    folder: Path,
    goal: "Goal",
    regime: str | None,
    policy: str | None,
    cost: tuple[CostName, str | None],
) -> "tuple[Path, StudyRecord, OperatingPoint]":
    """What is recommended for a goal, as `_searched` gives a point."""
    from harness.analysis.recommend import network_of, recommendation
    from harness.results.confirmation import confirmation_folder

    axis, device = cost
    place = costs.timed_on(device, axis)
    record, found = recommendation(folder, goal, regime, policy, axis, place)
    return confirmation_folder(folder), record, network_of(found.chosen)


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
