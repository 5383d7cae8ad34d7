"""Tracking with MLflow: the only package that imports it."""

import logging
import os

# MLflow reads these when it is imported; its own defaults retry a dead server for minutes.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # two lines a trial

# The first use of a SQLite store migrates it, and alembic logs each step.
logging.getLogger("alembic").setLevel(logging.WARNING)
# It prints the traceback of an error that it raises as well, and that is told in words.
logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
