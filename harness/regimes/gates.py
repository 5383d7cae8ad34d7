"""The gates of Confidence-Gated Training (arXiv 2509.17885), shared by its regimes."""

from typing import Annotated, TypeAlias

import torch
from torch import Tensor

from harness.core.parameters import PerExit, bounded, described
from harness.regimes import per_exit
from harness.tasks import task_of

_Threshold: TypeAlias = Annotated[
    float, bounded(0, 2, "gate threshold; no sample reaches one above 1")
]
Strength: TypeAlias = Annotated[float, bounded(0, 1, "residual-gate strength")]
Steepness: TypeAlias = Annotated[float, bounded(0.01, 100, "steepness of the logistic gate")]
HardTau: TypeAlias = Annotated[
    _Threshold | tuple[_Threshold, ...], described("confidence threshold of the hard gate")
]
SoftTau: TypeAlias = Annotated[
    _Threshold | tuple[_Threshold, ...], described("midpoint of the logistic gate")
]


def confident_and_correct(logits: Tensor, labels: Tensor, tau: PerExit) -> Tensor:
    """Hard gate m_k [E-1, N]: 1 where exit k is correct with confidence >= tau_k, else 0."""
    confidence, correct = task_of(labels).confidence_and_correct(logits[:-1], labels)
    confident = confidence >= _gate_thresholds(tau, logits)[:, None]
    return (confident & correct).to(logits.dtype)


def target_probability(logits: Tensor, labels: Tensor) -> Tensor:
    """s_k [E-1, N]: probability of the label under exit k, or its analogue for real values."""
    return task_of(labels).target_probability(logits[:-1], labels)


def logistic(logits: Tensor, labels: Tensor, kappa: float, tau: PerExit) -> Tensor:
    """Logistic gate [E-1, N]: sigmoid(kappa (s_k - tau_k))."""
    beyond = target_probability(logits, labels) - _gate_thresholds(tau, logits)[:, None]
    return torch.sigmoid(kappa * beyond)


def residual(gates: Tensor, beta: float) -> Tensor:
    """Eligibility [E, N] from gates h [E-1, N]: g_1 = 1, g_e = prod_{k<e} (1 - beta h_k)."""
    first = gates.new_ones(1, gates.shape[1])
    return torch.cat([first, (1 - beta * gates).cumprod(0)])


def _gate_thresholds(tau: PerExit, logits: Tensor) -> Tensor:
    """Gate thresholds [E-1]: the last exit has no gate, its value may be given or left out.

    Raises
    ------
    InputError
        Thresholds are given for another number of exits.
    """
    exits = logits.shape[0]
    if isinstance(tau, tuple) and len(tau) == exits:
        tau = tau[:-1]
    return per_exit(tau, exits - 1, "tau").to(logits, non_blocking=True)
