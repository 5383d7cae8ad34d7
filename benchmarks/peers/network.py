"""The networks of harness's studies in plain PyTorch: a small CNN with an exit after each block."""

import torch
from torch import nn

CELLS = 4
"""Per axis to which an exit pools the features."""


class EarlyExitCNN(nn.Module):
    """Blocks of convolution, group normalisation and ReLU; each is followed by an exit.

    For spectra [1, bands] the convolutions span 7 bands and all halve the resolution; for images
    [1, rows, columns] they are 3 x 3, and all but the first halve it.
    """

    def __init__(self, shape: tuple[int, ...], classes: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        channels, *space = shape
        self.blocks = nn.ModuleList()
        sizes = []
        for number, width in enumerate(widths):
            if len(space) == 1:
                convolution = nn.Conv1d(channels, width, 7, stride=2, padding=3)
            else:
                stride = 2 if number else 1
                convolution = nn.Conv2d(channels, width, 3, stride=stride, padding=1)
            space = [-(-size // convolution.stride[0]) for size in space]
            sizes.append(space)
            self.blocks.append(nn.Sequential(convolution, nn.GroupNorm(4, width), nn.ReLU()))
            channels = width
        self.exits = nn.ModuleList(
            nn.Sequential(_pool(size), nn.Flatten(), nn.Linear(width * CELLS ** len(size), classes))
            for width, size in zip(widths, sizes, strict=True)
        )

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The logits of all exits."""
        logits = []
        for block, leave in zip(self.blocks, self.exits, strict=True):
            x = block(x)
            logits.append(leave(x))
        return logits


def _pool(size: list[int]) -> nn.Module:
    stride = [length // CELLS for length in size]
    kernel = [length - (CELLS - 1) * step for length, step in zip(size, stride, strict=True)]
    return (nn.AvgPool1d if len(size) == 1 else nn.AvgPool2d)(kernel, stride)
