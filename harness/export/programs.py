"""Each stage of a trained network as a program of its own: torch.export's, or ONNX."""

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from harness.core.errors import InputError
from harness.training.model import ExitModel

Format: TypeAlias = Literal["torch", "onnx"]
FORMATS: tuple[Format, ...] = ("torch",)
"""What an export holds unless ONNX is asked for."""
OUTPUTS = ("next_features", "next_heads", "outputs", "gates")
"""Names of an ONNX stage's outputs; its inputs are `features` and `heads`."""

_SUFFIXES = {"torch": ".pt2", "onnx": ".onnx"}
_FOR_ONNX = ("onnx", "onnxscript", "onnxruntime")

_TRACED = 2
"""Samples that a program is traced with; a batch of one would become a constant."""


class ExitStage(nn.Module):
    """Stage and head e of a network, with the regime's outputs of the exits so far.

    Parameters
    ----------
    index
        e - 1.
    """

    def __init__(self, model: ExitModel, index: int) -> None:
        super().__init__()
        self.stage = model.network.stages[index]
        self.head = model.network.heads[index]
        self.regime = model.regime
        self.auxiliary = model.auxiliary
        self.exits = len(model.network.heads)

    def forward(self, features: Tensor, heads: Tensor | None = None) -> tuple[Tensor, ...]:
        """Features for the next stage, and the outputs of exits 1..e.

        Parameters
        ----------
        features
            Output of the stage before; the network's inputs for the first stage.
        heads
            Logits of the heads before: [e-1, N, K]; none for the first stage.

        Returns
        -------
        tuple
            Features [N, ...], the heads' logits [e, N, K], the exits' outputs [e, N, K] and, where
            the network has gate heads, their probabilities [e, N].
        """
        features = self.stage(features)
        newest = self.head(features)[None]
        heads = newest if heads is None else torch.cat([heads, newest])
        # Regimes read all exits at once, but no output depends on a deeper head: zeros stand in.
        deeper = heads.new_zeros(self.exits - len(heads), *heads.shape[1:])
        outputs = self.regime.outputs(torch.cat([heads, deeper]))
        gates = self.regime.gates(outputs, self.auxiliary)
        passed = len(heads)
        if gates is None:
            return features, heads, outputs[:passed]
        return features, heads, outputs[:passed], gates[:passed]


def write_programs(
    model: ExitModel, input_shape: Sequence[int], folder: Path, formats: Sequence[Format] = FORMATS
) -> dict[str, tuple[str, ...]]:
    """Write each stage as a program for any batch size; returns the files' names, by format.

    Raises
    ------
    InputError
        ONNX is asked for, and what writes it is not installed.
    """
    if "onnx" in formats:
        check_onnx()
    state: tuple[Tensor, ...] = (torch.zeros(_TRACED, *input_shape),)
    names: dict[str, tuple[str, ...]] = dict.fromkeys(formats, ())
    for index in range(len(model.network.heads)):
        stage = ExitStage(model, index).eval()
        batch = torch.export.Dim("batch", min=1)
        dynamic = ({0: batch}, {1: batch})[: len(state)]
        program = torch.export.export(stage, state, dynamic_shapes=dynamic)
        for node in program.graph.nodes:
            # It would name folders of the machine that exports.
            node.meta.pop("stack_trace", None)
        for each in formats:
            name = f"stage_{index + 1}{_SUFFIXES[each]}"
            _SAVE[each](program, folder / name)
            names[each] += (name,)
        state = stage(*state)[:2]
    return names


def formats_of(asked: Literal["torch", "onnx", "both"]) -> tuple[Format, ...]:
    """The formats that `--format` asks for."""
    return ("torch", "onnx") if asked == "both" else (asked,)


def check_onnx() -> None:
    """Raise InputError where a package is not installed that ONNX needs, and say which."""
    missing = [name for name in _FOR_ONNX if find_spec(name) is None]
    if missing:
        raise InputError(
            f"--format onnx: needs {' and '.join(missing)}, not installed: `pip install "
            "'harness[onnx]'`"
        )


def _save_torch(program: ExportedProgram, file: Path) -> None:
    torch.export.save(program, file)


def _save_onnx(program: ExportedProgram, file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of torch to itself
        names = OUTPUTS[: len(program.graph_signature.user_outputs)]
        written = torch.onnx.export(program, dynamo=True, verbose=False, output_names=names)
    if written is None:
        raise InputError(f"{file.name}: torch.onnx gave no program")
    for node in written.model.graph:
        node.metadata_props.clear()
    written.save(file)


_SAVE = {"torch": _save_torch, "onnx": _save_onnx}
