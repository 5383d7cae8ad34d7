"""The command, run to its end in a project, in the process of the tests."""

import sys

import pytest

from harness.cli.app import main


def run_command(root, *arguments, tracking_uri=None):
    """Run `harness` in a project, logging to a store (the project's own unless named).

    An interpreter of its own would import torch and MLflow, which takes longer than most commands.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        if tracking_uri:
            patch.setenv("MLFLOW_TRACKING_URI", tracking_uri)
        else:
            patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(sys, "argv", ["harness", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code
