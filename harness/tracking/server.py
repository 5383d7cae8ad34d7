"""The MLflow UI on this machine."""

import os
import subprocess
import sys
from pathlib import Path


def serve(uri: str, artifacts: Path, port: int) -> int:
    """Run the MLflow server on 127.0.0.1 until it is stopped, and return its exit status.

    Parameters
    ----------
    uri
        Backend store, such as `sqlite:///results/mlflow.db`.
    """
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri]
    command += ["--artifacts-destination", str(artifacts), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1"]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    try:
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
    except KeyboardInterrupt:
        return 0
