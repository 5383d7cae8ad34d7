"""Training regimes: loss weights per sample and exit from the logits of all exits."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self, TypeAlias

import pydantic
import torch
from torch import Tensor, nn

from harness.core.errors import InputError
from harness.core.parameters import STRICT, PerExit, bounded, described
from harness.core.plugins import Registry
from harness.core.types import TaskName
from harness.tasks import task_of

_Weight: TypeAlias = Annotated[float, bounded(0, 1000, "loss weight of an exit")]
LambdaStart: TypeAlias = Annotated[
    _Weight | tuple[_Weight, ...], described("exit weights at the start of training")
]
LambdaEnd: TypeAlias = Annotated[
    _Weight | tuple[_Weight, ...], described("exit weights at the end of training")
]
Leak: TypeAlias = Annotated[float, bounded(0, 1, "leak added to every weight")]
Normalise: TypeAlias = Annotated[bool, described("divide weights by their sum over exits")]
Smoothing: TypeAlias = Annotated[float, bounded(0, 0.5, "smoothing of the target labels")]

Penalty: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Scalar added to the loss of a batch, from its inputs and the logits [E, N, K] of the exits that
the step trains."""


@dataclass(frozen=True)
class Phase:
    """A phase of training: which stages and heads learn, and for what share of the epochs.

    Attributes
    ----------
    share
        Fraction of all epochs, in (0, 1]; the shares of a plan sum to 1.
    stages, heads
        Rising exit numbers (from 1) of the stages and heads that learn; the rest is frozen. The
        loss is taken over the exits in `heads`.
    one_by_one
        Each head takes its own optimiser step in turn, which updates it and the stages up to it.
    scales
        For each exit but the last, the factors that scale the gradients of its own head and of the
        deeper part where they flow back into the stages before it; empty does not scale.
    """

    share: float
    stages: tuple[int, ...]
    heads: tuple[int, ...]
    one_by_one: bool = False
    scales: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class PhaseStart:
    """What a phase begins with, and what a regime may make a penalty of.

    Attributes
    ----------
    phase
        The phase to come.
    network
        The network that goes on learning, in evaluation mode: maps inputs and, optionally, rising
        exit numbers to logits [E, N, K]. All of its parameters require gradients.
    inputs, labels
        Of the whole training part, as those of a `Lookahead`.
    generator
        Seeded by the training's seed, on the CPU, for the regime alone.
    """

    phase: Phase
    network: nn.Module
    inputs: Tensor
    labels: Tensor
    generator: torch.Generator


@dataclass(frozen=True)
class Lookahead:
    """A batch from which a regime's auxiliary module learns before the network's own step.

    Attributes
    ----------
    network
        Maps inputs to logits [E, N, K].
    inputs, labels
        float [N, channels, *space] and int64 [N], or float [N, D].
    learning_rate
        Learning rate of the network's next step.
    progress
        Progress of the training, in [0, 1].
    """

    network: nn.Module
    inputs: Tensor
    labels: Tensor
    learning_rate: float
    progress: float


@dataclass(frozen=True)
class Regime:
    """A training regime of an early-exit network: loss weights per sample and exit, and phases.

    The loss is the mean over samples of sum_e w_e(i) l_e(i) (docs/methods.md, "Loss"), with
    w_e = lambda_e(progress) * g_e + eps; most subclasses define the eligibility g_e only, and
    all share the options below (those of CGT's official code). An `auxiliary` module is trained
    along with the network: gate heads, or a small network that predicts weights.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT
    tasks: ClassVar[tuple[TaskName, ...]] = ("classification",)
    """Tasks that it can train; a study of another task refuses it."""

    lambda_start: LambdaStart = 1.0
    lambda_end: LambdaEnd = 1.0
    eps: Leak = 0.0
    normalise: Normalise = False
    label_smoothing: Smoothing = 0.0

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Eligibility g [E, N] in [0, 1]: weight of each sample for each exit, without gradient.

        Parameters
        ----------
        logits
            float [E, N, K], detached.
        labels
            int64 [N], or float [N, D] for regression.
        """
        del labels
        return torch.ones(logits.shape[:2], dtype=logits.dtype, device=logits.device)

    def weights(
        self, logits: Tensor, labels: Tensor, progress: float, auxiliary: nn.Module | None = None
    ) -> Tensor:
        """Loss weights w [E, N] at `progress` in [0, 1] of the training, without gradient."""
        del auxiliary
        with torch.no_grad():
            return self.weighted(self.eligibility(logits.detach(), labels), progress)

    def weighted(self, eligibility: Tensor, progress: float) -> Tensor:
        """Loss weights [E, N] from eligibilities [E, N]: exit weights, leak and normalisation.

        Weights of a sample that are all zero stay zero under normalisation.
        """
        exits = len(eligibility)
        start, end = self.exit_weights(exits)
        scale = torch.lerp(
            per_exit(start, exits, "lambda_start").to(eligibility, non_blocking=True),
            per_exit(end, exits, "lambda_end").to(eligibility, non_blocking=True),
            progress,
        )
        weights = scale[:, None] * eligibility + self.eps
        if not self.normalise:
            return weights
        total = weights.sum(0)
        return weights / torch.where(total > 0, total, 1)

    def exit_weights(self, exits: int) -> tuple[PerExit, PerExit]:
        """Exit weights of a network of `exits` exits, at the start and at the end of training."""
        del exits
        return self.lambda_start, self.lambda_end

    def losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy, or Gaussian negative log-likelihood, of each exit: l [E, N].

        Raises
        ------
        InputError
            Label smoothing is requested for a regression.
        """
        exits, samples, width = logits.shape
        losses = task_of(labels).loss(
            logits.reshape(exits * samples, width),
            labels.repeat(exits, *[1] * (labels.ndim - 1)),
            reduction="none",
            smoothing=self.label_smoothing,
        )
        return losses.view(exits, samples)

    def loss(
        self, logits: Tensor, labels: Tensor, progress: float, auxiliary: nn.Module | None = None
    ) -> Tensor:
        """Scalar loss of a batch, from the heads' logits [E, N, K] and the labels."""
        weights = self.weights(logits, labels, progress, auxiliary)
        return (weights * self.losses(logits, labels)).sum(0).mean()

    def penalty(self, start: PhaseStart) -> Penalty | None:
        """A penalty added to the loss in a phase, made before it begins; None for most regimes."""
        del start
        return None

    def outputs(self, logits: Tensor) -> Tensor:
        """Outputs of the exits [E, N, K]: the heads' own logits, or an ensemble of them.

        The outputs of an exit do not depend on deeper heads.
        """
        return logits

    def auxiliary(self, exits: int) -> nn.Module | None:
        """A new auxiliary module, trained along with the network; None for most regimes.

        It reads what all exits give: it learns in phases whose steps are of all heads together. In
        any other, `loss`, `weights` and `meta_loss` work without it, on the phase's exits alone.
        """
        del exits
        return None

    def gates(self, outputs: Tensor, auxiliary: nn.Module | None) -> Tensor | None:
        """Gate heads' probability that each exit is correct: [E, N] in [0, 1]; None without."""
        del outputs, auxiliary
        return None

    def meta_loss(self, auxiliary: nn.Module, step: Lookahead) -> Tensor | None:
        """Scalar loss of the auxiliary module alone before each step; None where there is none."""
        del auxiliary, step
        return None

    def restricted(self, heads: Sequence[int], exits: int) -> Self:
        """The regime restricted to a phase that trains only `heads`, out of `exits`.

        Exit weights given per exit keep the values of those heads.

        Raises
        ------
        InputError
            Exit weights are given for another number of exits.
        """
        start, end = self.exit_weights(exits)
        return dataclasses.replace(
            self,
            lambda_start=_pick(start, heads, exits, "lambda_start"),
            lambda_end=_pick(end, heads, exits, "lambda_end"),
        )

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """The phases of training; by default one, in which everything is trained."""
        every = tuple(range(1, exits + 1))
        return (Phase(1.0, stages=every, heads=every),)

    def static_exits(self, exits: int) -> tuple[int, ...]:
        """Networks that one configuration trains: 0 is the early-exit network itself."""
        del exits
        return (0,)


def per_exit(value: PerExit, exits: int, name: str) -> Tensor:
    """A shared or per-exit value as float64 [E]; raises InputError where the lengths differ."""
    if not isinstance(value, tuple):
        return torch.full((exits,), value, dtype=torch.float64)
    if len(value) != exits:
        raise InputError(f"{name}: {len(value)} values for {exits} exits, found {list(value)}")
    return torch.tensor(value, dtype=torch.float64)


def _pick(value: PerExit, heads: Sequence[int], exits: int, name: str) -> PerExit:
    values = per_exit(value, exits, name).tolist()
    return tuple(values[head - 1] for head in heads) if isinstance(value, tuple) else value


REGIMES = Registry(
    "harness.regimes", Regime, helpers=("equilibrium", "gates", "sequential", "two_phases")
)
