"""`harness export`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli import cost as costs
from harness.cli import locate, options, printing
from harness.cli import recommend as recommending
from harness.core.errors import InputError
from harness.core.urls import shown_error

if TYPE_CHECKING:
    from harness.api.points import Deployed
    from harness.export.manifest import ExportManifest
    from harness.frontier.operating_point import OperatingPoint

_Regime = Annotated[
    str | None, typer.Option(help="Name of a regime: only its points.", metavar="NAME")
]
_Key = Annotated[str | None, typer.Option(help="Key of a trial: only its points.", metavar="KEY")]
_NOT_RECOMMENDED = "--key and --selection: go with --point; leave out --cost and --accuracy"
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
    selection: options.Selection = None,
    regime: _Regime = None,
    key: _Key = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; default: results/STUDY/export.")
    ] = None,
    programs: options.Programs = "torch",
    as_json: options.AsJson = False,
    log: Annotated[
        bool, typer.Option(help="Log it as an MLflow model too, on its trial's run.")
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Export a trained early-exit network with its thresholds, to run without harness.

    The folder holds a program per stage, the exit policy's source, the statistics that standardise
    raw inputs, a manifest, and runtime.py, which drops the samples that left from the batch and
    takes raw samples, or a whole scene. docs/deploy.md tells how to run it. With --cost or
    --accuracy it is what `harness recommend` says of a confirmed study; otherwise an operating
    point of `harness frontier`, of a searched seed.

    Examples
    --------
        harness export indian_pines --cost 0.4

        harness export quickstart --format onnx

        harness export indian_pines --regime soft_cgt --point best-accuracy --output soft_cgt

        python results/quickstart/export/runtime.py results/quickstart/export/example.npy
    """
    study_folder = locate.study_folder(study)
    from harness.api.points import goal_of, recommended_point, searched_frontier, searched_point
    from harness.export.artifact import ExportChoices, write_export
    from harness.export.programs import formats_of

    folder = output or study_folder / "export"
    choices = ExportChoices(formats_of(programs))
    if cost is None and accuracy is None:
        if axis != "macs" or device is not None:
            raise InputError("--axis and --device: go with --cost or --accuracy")
        frontier = searched_frontier(study_folder, policy, selection, choices.formats)
        deployed, choices = searched_point(frontier, regime, key, point), frontier.choices
    else:
        if key is not None or selection is not None:
            raise InputError(_NOT_RECOMMENDED)
        goal = goal_of(cost, accuracy)
        deployed = recommended_point(study_folder, goal, regime, policy, axis, device)
    record, chosen, project = deployed.record, deployed.point, locate.current_project()
    manifest = write_export(project, deployed.folder, record, chosen, folder, choices)
    model = _log(deployed, folder, tracking_uri) if log else None
    if as_json:
        return printing.print_json(_plain(chosen, folder, model))
    _show(deployed, folder, manifest)
    if model:
        store = locate.tracking_store(tracking_uri).shown
        typer.echo(f"or, with MLFLOW_TRACKING_URI={store}: mlflow.pyfunc.load_model({model!r})")
    return None


def _show(deployed: "Deployed", folder: Path, manifest: "ExportManifest") -> None:
    from harness.export.artifact import EXAMPLE, RUNTIME

    chosen = deployed.point
    printing.print_table(f"{deployed.record.name}: exported to {folder}", [_shown(chosen)])
    typer.echo(f"thresholds on the confidence at exits 1, 2, ..: {list(chosen.thresholds)}")
    typer.echo(f"inputs: {manifest.data.inputs}")
    typer.echo(f"run it: python {folder / RUNTIME} {folder / EXAMPLE}")


def _shown(chosen: "OperatingPoint") -> dict[str, object]:
    return {"regime": chosen.regime, "key": chosen.key, **chosen.measured}


def _plain(chosen: "OperatingPoint", folder: Path, model: str | None) -> dict[str, object]:
    """The same as plain data; a threshold that no sample reaches is None."""
    thresholds = [t if math.isfinite(t) else None for t in chosen.thresholds]
    return {**_shown(chosen), "thresholds": thresholds, "folder": str(folder), "model": model}


def _log(deployed: "Deployed", folder: Path, tracking_uri: str | None) -> str | None:
    """The MLflow model's URI; a fault is reported, not raised: the folder is written already."""
    from harness.export.mlflow_model import as_model
    from harness.tracking.logged_models import log_model

    try:
        model = as_model(deployed.folder, deployed.record, deployed.point, folder)
        return log_model(locate.tracking_store(tracking_uri), model)
    except Exception as error:
        typer.echo(f"not logged to MLflow ({shown_error(error)})", err=True)
        return None
