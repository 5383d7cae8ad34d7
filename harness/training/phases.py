"""Phases of training: trainable parameters, epochs, optimisers and learning-rate schedule."""

import itertools
from collections.abc import Sequence

import torch
from torch import nn

from harness.models.early_exit import EarlyExitNet
from harness.regimes import Phase
from harness.training.options import TrainingOptions

AUXILIARY_RATE, AUXILIARY_DECAY = 1e-3, 1e-2
"""Learning rate and weight decay of auxiliary modules; the decay is AdamW's default."""


def epochs_per_phase(plan: Sequence[Phase], epochs: int) -> list[int]:
    """Divide the epochs by the phases' shares; every phase gets at least one.

    The lengths sum to `epochs`, so that regimes compare on equal budgets, except with more
    phases than epochs.

    Examples
    --------
    >>> epochs_per_phase([Phase(0.6, (), ()), Phase(0.4, (), ())], 10)
    [6, 4]
    """
    ends = torch.tensor([phase.share for phase in plan], dtype=torch.float64).cumsum(0)
    marks = [0, *(round(float(end) * epochs) for end in ends)]
    lengths = [max(1, after - before) for before, after in itertools.pairwise(marks)]
    while sum(lengths) > max(epochs, len(plan)):
        lengths[lengths.index(max(lengths))] -= 1
    return lengths


def learn_only(network: EarlyExitNet, phase: Phase) -> list[nn.Parameter]:
    """Freeze all but the phase's stages and heads, and return the trainable parameters."""
    network.train()
    trainable: list[nn.Parameter] = []
    for modules, numbers in ((network.stages, phase.stages), (network.heads, phase.heads)):
        for number, module in enumerate(modules, 1):
            module.train(number in numbers)
            module.requires_grad_(number in numbers)
            trainable += [p for p in module.parameters() if number in numbers]
    return trainable


def head_groups(phase: Phase) -> list[tuple[int, ...]]:
    """The heads of each optimiser step that a batch takes in a phase."""
    return [(head,) for head in phase.heads] if phase.one_by_one else [phase.heads]


def trains_auxiliary(phase: Phase, exits: int) -> bool:
    """Whether a regime's auxiliary module learns in a phase: a step is of all exits together."""
    return head_groups(phase) == [tuple(range(1, exits + 1))]


def make_auxiliary_optimizer(auxiliary: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of an auxiliary module, the same in every study."""
    return torch.optim.AdamW(
        auxiliary.parameters(), lr=AUXILIARY_RATE, weight_decay=AUXILIARY_DECAY, fused=True
    )


def make_optimizer(
    parameters: list[nn.Parameter], options: TrainingOptions
) -> torch.optim.Optimizer:
    """The optimiser of one phase."""
    if options.optimizer == "sgd":
        return torch.optim.SGD(
            parameters,
            lr=options.learning_rate,
            momentum=options.momentum,
            nesterov=options.momentum > 0,
            weight_decay=options.weight_decay,
        )
    return torch.optim.AdamW(
        parameters, lr=options.learning_rate, weight_decay=options.weight_decay, fused=True
    )


def make_schedule(
    optimizer: torch.optim.Optimizer, options: TrainingOptions, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    """The learning rate over the `steps` of one phase."""
    if options.schedule == "one_cycle":
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, options.learning_rate, total_steps=max(steps, 2), cycle_momentum=False
        )
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
