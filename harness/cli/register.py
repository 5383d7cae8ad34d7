"""`harness register`."""

import math
from typing import TYPE_CHECKING

import typer

from harness.cli import locate, options, printing
from harness.cli import recommend as recommending
from harness.core.errors import HarnessError
from harness.core.urls import shown_error

if TYPE_CHECKING:
    from harness.export.registration import RegisteredPoint


def register(
    study: options.StudyName,
    policy: recommending.Policy = None,
    selection: options.Selection = None,
    programs: options.Programs = "torch",
    as_json: options.AsJson = False,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Register a study's best operating points in MLflow as versions of one model, with aliases.

    The aliases are best-accuracy, knee and cheapest-95, all chosen on validation. Each point is
    exported to results/STUDY/models/ALIAS. Run again, it adds a version for new points only.

    Example:

        harness register quickstart
    """
    folder = locate.study_folder(study)
    from harness.api.points import searched_frontier
    from harness.cli.progress import StepBar
    from harness.export.programs import formats_of
    from harness.export.registration import ALIASES, register_points

    store = locate.tracking_store(tracking_uri)
    try:
        with StepBar(folder.name, len(ALIASES)) as bar:
            frontier = searched_frontier(folder, policy, selection, formats_of(programs))
            found = register_points(locate.current_project(), frontier, store, bar.step)
    except HarnessError:
        raise
    except Exception as error:
        typer.echo(f"not registered in MLflow ({shown_error(error)})", err=True)
        raise typer.Exit(2) from None
    if as_json:
        return printing.print_json(
            [{**_shown(f), "folder": str(f.folder), "uri": f.model.uri} for f in found]
        )
    short = [{k: v for k, v in _shown(f).items() if k != "thresholds"} for f in found]
    printing.print_table(f"{folder.name}: versions of the registered model", short)
    typer.echo(
        f"to load one, with MLFLOW_TRACKING_URI={store.shown}: "
        f"mlflow.pyfunc.load_model({found[-1].model.uri!r})"
    )
    return None


def _shown(found: "RegisteredPoint") -> dict[str, object]:
    point, model = found.point, found.model
    thresholds = [t if math.isfinite(t) else None for t in point.thresholds]
    shown = ("validation_accuracy", "validation_cost", "test_accuracy", "test_cost")
    measured = {name: point.measured[name] for name in shown}
    version = {"alias": found.alias, "version": model.version, "new": model.new}
    trial = {"regime": point.regime, "key": point.key}
    return {**version, **trial, "thresholds": thresholds, **measured}
