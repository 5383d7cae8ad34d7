"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

StudyName = Annotated[
    str, typer.Argument(help="Name of a study below results/, or its study file.", metavar="STUDY")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Mirror = Annotated[
    Path | None,
    typer.Option(
        envvar="HARNESS_DATA_MIRROR",
        help="Folder that already holds the raw data; spares the download.",
        file_okay=False,
    ),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        envvar="MLFLOW_TRACKING_URI", help="MLflow server; by default SQLite below results/."
    ),
]
