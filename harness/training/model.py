"""The trained model: an early-exit network and its regime's auxiliary module, and its weights."""

import dataclasses
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.core.plugins import Registry
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import DataShape, ExitCosts, Graph, Weights
from harness.models.backbones import BACKBONES, Backbone
from harness.models.early_exit import EarlyExitNet, build_network
from harness.regimes import REGIMES, Regime
from harness.tasks import task_named

_T = TypeVar("_T")

_AUXILIARY_PREFIX = "auxiliary."
"""Prefix of the stored names of an auxiliary module's parameters."""


class ExitModel(nn.Module):
    """An early-exit network with the outputs and the auxiliary module of its regime.

    Parameters
    ----------
    width
        K: outputs of each exit per sample.
    """

    def __init__(self, network: EarlyExitNet, regime: Regime, width: int) -> None:
        super().__init__()
        self.network = network
        self.regime = regime
        self.width = width
        self.auxiliary = regime.auxiliary(len(network.heads))

    @property
    def device(self) -> torch.device:
        """Device of the parameters."""
        return next(self.parameters()).device

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Outputs of the exits [E, N, K], and their gate heads' probabilities [E, N] or None."""
        logits = self.regime.outputs(self.network(inputs))
        return logits, self.regime.gates(logits, self.auxiliary)

    def weights(self) -> Weights:
        """All parameters: the network's by their names, the auxiliary module's behind a prefix."""
        every = dict(self.network.state_dict())
        if self.auxiliary is not None:
            every |= self.auxiliary.state_dict(prefix=_AUXILIARY_PREFIX)
        return {name: value.cpu().numpy() for name, value in every.items()}

    def load_weights(self, weights: Weights) -> None:
        """Load what `weights` returned; raises RuntimeError for weights of another network."""
        network: dict[str, Tensor] = {}
        auxiliary: dict[str, Tensor] = {}
        for name, value in weights.items():
            part = auxiliary if name.startswith(_AUXILIARY_PREFIX) else network
            part[name.removeprefix(_AUXILIARY_PREFIX)] = torch.from_numpy(value)
        self.network.load_state_dict(network)
        (self.auxiliary or nn.Module()).load_state_dict(auxiliary)

    def with_gates(self, costs: ExitCosts) -> ExitCosts:
        """The network's costs plus those of the gate heads that a sample passes.

        All exits have gate heads of equal size. The last exit needs none: every sample that
        reaches it leaves there.
        """
        exits = len(costs.macs)
        self.eval()
        logits = torch.zeros(exits, 1, self.width, device=self.device)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            if self.regime.gates(logits, self.auxiliary) is None or self.auxiliary is None:
                return costs
        passed = np.minimum(np.arange(1, exits + 1), exits - 1)
        size = sum(parameter.numel() for parameter in self.auxiliary.parameters())
        return dataclasses.replace(
            costs,
            macs=costs.macs + passed * (counter.get_total_flops() // (2 * exits)),
            parameters=costs.parameters + passed * (size // exits),
        )


def backbone_of(spec: TrialSpec) -> Backbone:
    """A trial's backbone; raises InputError as `regime_of` does."""
    return _built(BACKBONES, spec.backbone, "backbone")


def regime_of(spec: TrialSpec) -> Regime:
    """A trial's regime.

    Raises
    ------
    InputError
        Its parameters are not allowed, or its code is not that which the trial names.
    """
    return _built(REGIMES, spec.regime, "regime")


def _built(registry: Registry[_T], choice: Choice, kind: str) -> _T:
    plugin = build(registry.get(choice.name), choice.parameters, kind)
    if (source := registry.source_digest(choice.name)) != choice.source:
        raise InputError(
            f"{kind} {choice.name}: its code (digest {source}) is not that of this trial "
            f"({choice.source}); train anew by `harness launch` with --restart, or go back to "
            "the code that the trial was trained with"
        )
    return plugin


def model_of(spec: TrialSpec, data: DataShape, graph: Graph | None = None) -> ExitModel:
    """The model of a trial, with weights initialised by torch's global generator.

    Raises
    ------
    InputError
        A parameter is not allowed, or the backbone cannot read these data.
    """
    width = task_named(data.task).width(data.names)
    network = build_network(backbone_of(spec), data.inputs, width, spec.static_exit, graph)
    return ExitModel(network, regime_of(spec), width)


def trained_model(study_folder: Path, spec: TrialSpec, data: DataShape) -> ExitModel:
    """The model of a trial with its stored weights, for inference.

    Raises
    ------
    InputError
        The weights are missing, damaged or of another network, or its samples are the nodes of a
        graph.
    """
    from harness.results.trials import read_weights, trial_folder  # training alone needs none

    if backbone_of(spec).reads_graph:
        raise InputError(
            f"trial {spec.key}: backbone {spec.backbone.name} predicts for the nodes of a graph, "
            "each from its neighbours: it can be neither exported nor timed sample by sample"
        )
    model = model_of(spec, data)
    try:
        model.load_weights(read_weights(study_folder, spec.key))
    except RuntimeError as error:
        where = trial_folder(study_folder, spec.key) / "weights.npz"
        raise InputError(f"{where}: not the weights of this trial's network ({error})") from None
    return model.eval().requires_grad_(False)
