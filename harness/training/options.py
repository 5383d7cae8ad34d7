"""Training options: optimiser, schedule, augmentation; a study may search any of them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pydantic

from harness.core.parameters import STRICT, bounded, described


@dataclass(frozen=True)
class TrainingOptions:
    """Optimiser, schedule and budget of one training."""

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    epochs: Annotated[int, bounded(1, 10_000, "passes over the training part, all phases")] = 30
    limit: Annotated[
        int, bounded(0, 10**9, "training samples used, drawn by the seed; 0: all of them")
    ] = 0
    batch_size: Annotated[int, bounded(1, 65_536, "samples per step")] = 128
    optimizer: Annotated[Literal["adamw", "sgd"], described("SGD is Nesterov's")] = "adamw"
    learning_rate: Annotated[float, bounded(1e-7, 10, "peak of the schedule")] = 3e-3
    weight_decay: Annotated[float, bounded(0, 1, "decoupled for adamw")] = 1e-3
    momentum: Annotated[float, bounded(0, 0.999, "of sgd")] = 0.9
    schedule: Annotated[Literal["one_cycle", "cosine"], described("per phase")] = "one_cycle"
    augmentation: Annotated[
        Literal["none", "flip_crop", "noise"],
        described("flip_crop: mirrored and shifted images; noise: Gaussian, a tenth of the scale"),
    ] = "none"
    precision: Annotated[
        Literal["float32", "tf32", "bfloat16"],
        described(
            "tf32: products with 10 bits of mantissa, on CUDA alone; bfloat16: forward pass with 7"
        ),
    ] = "float32"
    patience: Annotated[
        int,
        bounded(0, 10_000, "epochs without a lower validation loss before a phase ends; 0: off"),
    ] = 0
