"""`harness register`."""

import math
from typing import TYPE_CHECKING

import typer

from harness.cli import options
from harness.core.errors import HarnessError

if TYPE_CHECKING:
    from harness.export.point import Aim, OperatingPoint

ALIASES: "tuple[Aim, ...]" = ("best-accuracy", "knee", "cheapest-95")


def register(
    study: options.StudyName,
    as_json: options.AsJson = False,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Register a study's best points as versions of one MLflow model, and name them by aliases.

    The aliases are best-accuracy, knee and cheapest-95, all chosen on validation. Each point is
    exported to results/STUDY/models/ALIAS. Run again, it adds only points that are new.

    Example:

        harness register quickstart
    """
    from harness.cli.progress import StepProgress  # noqa: PLC0415
    from harness.export.artifact import write_export  # noqa: PLC0415
    from harness.export.model import as_model  # noqa: PLC0415
    from harness.export.point import Wanted, choose  # noqa: PLC0415
    from harness.report.summary import model_note  # noqa: PLC0415
    from harness.results import study_record  # noqa: PLC0415
    from harness.results.tables import read_frontier  # noqa: PLC0415
    from harness.tracking import registry  # noqa: PLC0415

    source = options.study_folder(study)
    record = study_record.read(source)
    frame = read_frontier(source)
    store = options.tracking_store(tracking_uri)
    rows = []
    with StepProgress(record.name, len(ALIASES)) as progress:
        for alias in ALIASES:
            point = choose(frame, Wanted(aim=alias), record.reference.accuracy)
            folder = source / "models" / alias
            write_export(options.places(), source, record, point, folder)
            try:
                network = as_model(record, point, folder)
                made = registry.register(store, record.name, alias, network)
                registry.describe(store, record.name, model_note(record))
            except HarnessError:
                raise
            except Exception as error:
                reason = f"{type(error).__name__}: {error}".splitlines()[0]
                typer.echo(f"not registered in MLflow ({reason})", err=True)
                raise typer.Exit(2) from None
            told = {"alias": alias, "version": made.version, "new": made.new, **_shown(point)}
            rows.append({**told, "folder": str(folder), "uri": made.uri})
            progress.step(alias)
    if as_json:
        return options.print_json(rows)
    long = ("thresholds", "folder", "uri")
    short = [{k: v for k, v in row.items() if k not in long} for row in rows]
    options.print_table(f"{record.name}: versions of the registered model", short)
    typer.echo(
        f"use one, with MLFLOW_TRACKING_URI={store.uri}: "
        f"mlflow.pyfunc.load_model({rows[-1]['uri']!r})"
    )
    return None


def _shown(point: "OperatingPoint") -> dict[str, object]:
    thresholds = [t if math.isfinite(t) else None for t in point.thresholds]
    shown = ("validation_accuracy", "validation_cost", "test_accuracy", "test_cost")
    measured = {name: point.measured[name] for name in shown}
    return {"regime": point.regime, "key": point.key, "thresholds": thresholds, **measured}
