"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def _accepted(address: str | None) -> str | None:
    """The address of a study's database, refused before anything is done."""
    if address:
        from harness.study.storages.address import parse_address

        parse_address(address)
    return address or None


StudyName = Annotated[
    str, typer.Argument(help="Name of a launched study, or its study file.", metavar="STUDY")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, as in scripts.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Mirror = Annotated[
    Path | None,
    typer.Option(
        envvar="HARNESS_DATA_MIRROR",
        help="Folder that holds the raw files already, in place of a download.",
        exists=True,
        file_okay=False,
    ),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        envvar="MLFLOW_TRACKING_URI",
        help="MLflow tracking URI; default: SQLite below results/.",
        metavar="URI",
    ),
]
Programs = Annotated[
    Literal["torch", "onnx", "both"],
    typer.Option(
        "--format",
        help="Programs of the stages: torch.export's (needs PyTorch where it runs), ONNX (needs "
        "ONNX Runtime alone), or both. ONNX needs the extra harness[onnx] here.",
        metavar="FORMAT",
    ),
]
Selection = Annotated[
    str | None,
    typer.Option(
        help="Threshold selection of `harness list selections`; with parameters: "
        "`NAME:{KEY: VALUE}`.",
        metavar="NAME",
    ),
]
Storage = Annotated[
    str | None,
    typer.Option(
        envvar="HARNESS_STORAGE",
        callback=_accepted,
        help="Keep what Optuna knows of the study in a PostgreSQL database: "
        "postgresql+psycopg://USER@HOST:PORT/DATABASE. Default: a journal below results/.",
        metavar="URL",
    ),
]
