"""The gates of Confidence-Gated Training (arXiv 2509.17885), for all regimes that use them."""

from typing import Annotated, TypeAlias

import torch
from torch import Tensor

from harness.core.parameters import PerExit, bounded, described
from harness.regimes import per_exit
from harness.tasks import task_of

Level: TypeAlias = Annotated[float, bounded(0, 2, "gate threshold; no sample reaches one above 1")]
Strength: TypeAlias = Annotated[float, bounded(0, 1, "residual-gate strength")]
Steepness: TypeAlias = Annotated[float, bounded(0.01, 100, "steepness of the logistic gate")]
HardTau: TypeAlias = Annotated[
    Level | tuple[Level, ...], described("confidence that counts as mastered")
]
SoftTau: TypeAlias = Annotated[Level | tuple[Level, ...], described("middle of the logistic gate")]


def mastered(logits: Tensor, labels: Tensor, tau: PerExit) -> Tensor:
    """m_k [E-1, N]: 1 where exit k is right and its confidence reaches tau_k, else 0."""
    confidence, right = task_of(labels).judged(logits[:-1], labels)
    sure = confidence >= gate_thresholds(tau, logits)[:, None]
    return (sure & right).to(logits.dtype)


def target_probability(logits: Tensor, labels: Tensor) -> Tensor:
    """s_k [E-1, N]: the probability that exit k gives the label, or its like for real values."""
    return task_of(labels).target_probability(logits[:-1], labels)


def logistic(logits: Tensor, labels: Tensor, kappa: float, tau: PerExit) -> Tensor:
    """sigmoid(kappa (s_k - tau_k)) [E-1, N]."""
    beyond = target_probability(logits, labels) - gate_thresholds(tau, logits)[:, None]
    return torch.sigmoid(kappa * beyond)


def residual(gates: Tensor, beta: float) -> Tensor:
    """g_1 = 1, g_e = prod_{k<e} (1 - beta h_k): eligibility [E, N] from gates h [E-1, N]."""
    first = gates.new_ones(1, gates.shape[1])
    return torch.cat([first, (1 - beta * gates).cumprod(0)])


def gate_thresholds(tau: PerExit, logits: Tensor) -> Tensor:
    """Gate thresholds [E-1]: the last exit gates nothing, its value may be given or left out.

    Raises
    ------
    InputError
        Thresholds are given for another number of exits.
    """
    exits = logits.shape[0]
    if isinstance(tau, tuple) and len(tau) == exits:
        tau = tau[:-1]
    return per_exit(tau, exits - 1, "tau").to(logits)
