"""The stages of an export as functions of NumPy arrays, run by PyTorch or by ONNX Runtime."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Stage: TypeAlias = Callable[..., tuple[Array, ...]]
"""Takes features [N, ...] and, but for the first stage, the heads' logits so far [e-1, N, K]; gives
features, the heads' logits [e, N, K], the exits' outputs [e, N, K] and, where there are gate heads,
their probabilities [e, N]."""

PACKAGES = {"torch": "torch", "onnx": "onnxruntime"}
"""What each backend needs beside NumPy; the first that is there is taken."""


def load_stages(
    folder: Path, files: Mapping[str, Sequence[str]], backend: str | None = None
) -> tuple[Stage, ...]:
    """The stages in order.

    Parameters
    ----------
    files
        Names of the stages' files in `folder`, by backend.
    backend
        `torch` or `onnx`; None takes the first whose files are there and whose package is
        installed.

    Raises
    ------
    ValueError
        There is none: the message says what the export holds, and what is not installed.
    """
    wanted = [name for name in PACKAGES if files.get(name) and backend in (None, name)]
    for name in wanted:
        if find_spec(PACKAGES[name]):
            load = _torch_stage if name == "torch" else _onnx_stage
            return tuple(load(folder / file) for file in files[name])
    if wanted:
        missing = " or ".join(PACKAGES[name] for name in wanted)
        raise ValueError(f"its stages need {missing}, not installed: pip install {missing}")
    held = " and ".join(name for name in PACKAGES if files.get(name)) or "none"
    raise ValueError(f"backend {backend}: no stages in the export, which holds those of {held}")


def _torch_stage(file: Path) -> Stage:
    import torch

    program = torch.export.load(file).module()

    def run(*state: Array) -> tuple[Array, ...]:
        with torch.inference_mode():
            found = program(*(torch.from_numpy(each) for each in state))
        return tuple(each.numpy() for each in found)

    return run


def _onnx_stage(file: Path) -> Stage:
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def run(*state: Array) -> tuple[Array, ...]:
        return tuple(session.run(None, dict(zip(names, state, strict=True))))

    return run
