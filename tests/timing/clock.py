"""A clock that only the parts of a network move, so that tests know every time by hand."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import Regime
from harness.regimes.joint import Joint
from harness.training.model import ExitModel

SHAPE, CLASSES = (1, 8, 8), 5
COMBINING, GATING = 30, 7


class Clock:
    now = 0

    def read(self) -> int:
        return self.now


CLOCK = Clock()


@dataclass(frozen=True)
class Slow(Regime):
    """Combines exits and has gate heads, each at a price."""

    strength: float = 0.5
    levels: tuple[float, ...] = (0.5,)
    hidden: int = 2

    def outputs(self, logits):
        CLOCK.now += COMBINING
        return logits.cumsum(0)

    def auxiliary(self, exits):
        return nn.Linear(exits, self.hidden)

    def gates(self, outputs, auxiliary):
        assert auxiliary.in_features == len(outputs)
        CLOCK.now += GATING
        return outputs.softmax(-1).amax(-1)


def make(regime: Regime | None = None, exits: int = 3) -> ExitModel:
    torch.manual_seed(0)
    recipe = ImageCNN(widths=(2, 4, 4), exits=exits, pool=2)
    return ExitModel(build_network(recipe, SHAPE, CLASSES), regime or Joint(), CLASSES)


def images(samples: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.standard_normal((samples, *SHAPE)).astype(np.float32)


def price(model: ExitModel, stage: int, head: int, call: int = 0) -> None:
    """Let stage and head e take e times so many nanoseconds for each sample, and some per call."""
    for cost, parts in ((stage, model.network.stages), (head, model.network.heads)):
        for number, part in enumerate(parts, 1):

            def pay(_module, inputs, _output, cost=cost * number):
                CLOCK.now += call + cost * len(inputs[0])

            part.register_forward_hook(pay)
