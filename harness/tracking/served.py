"""The code of an exported network's MLflow model ("models from code"); it imports no harness.

MLflow copies this file into the model and runs it where the model is loaded.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class EarlyExitModel(PythonModel):
    """Predicts with the runtime in the exported folder."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the runtime and, through it, the programs of all stages."""
        folder = Path(context.artifacts["export"])
        spec = importlib.util.spec_from_file_location("early_exit_runtime", folder / "runtime.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(f"{folder}: no runtime.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.runtime = module.EarlyExitRuntime(folder)

    def predict(
        self,
        context: PythonModelContext,
        model_input: np.ndarray,  # MLflow warns of a hint that says more
        params: dict[str, str] | None = None,
    ) -> pd.DataFrame:
        """Columns label, class, exit (from 1), confidence of raw inputs [N, channels, *space]."""
        del context, params
        found = self.runtime.predict(model_input)
        return pd.DataFrame(
            {
                "label": found.labels,
                "class": found.names,
                "exit": found.exits,
                "confidence": found.confidence,
            }
        )


set_model(EarlyExitModel())
