"""Parts of a split as tensors on the device that trains: copied there once, standardised there."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from harness.core.types import Part, Standardisation


@dataclass(frozen=True)
class DevicePart:
    """One part of a split on a device.

    Attributes
    ----------
    inputs
        [N, channels, *space] as stored: float32, or uint8 with a standardisation.
    labels
        int64 [N], or float32 [N, D].
    standardisation
        Mean and standard deviation of the inputs, float32, broadcast to one sample; None where the
        inputs are stored standardised.
    """

    inputs: Tensor
    labels: Tensor
    standardisation: tuple[Tensor, Tensor] | None = None

    @classmethod
    def of(
        cls,
        part: Part,
        standardisation: Standardisation | None = None,
        device: torch.device | str = "cpu",
    ) -> Self:
        """Copy a part to a device; on the CPU it shares the part's memory."""
        inputs, labels = (torch.from_numpy(a).to(device) for a in (part.inputs, part.labels))
        if standardisation is None:
            return cls(inputs, labels)
        moments = (standardisation.mean, standardisation.deviation)
        mean, deviation = (torch.from_numpy(moment).to(device) for moment in moments)
        return cls(inputs, labels, (mean, deviation))

    def __len__(self) -> int:
        """Number of samples, N."""
        return len(self.labels)

    def subset(self, index: Tensor) -> "DevicePart":
        """The part of the samples at `index`."""
        index = index.to(self.labels.device)
        return DevicePart(self.inputs[index], self.labels[index], self.standardisation)

    def standardised(self) -> Tensor:
        """The network's inputs: float32 [N, channels, *space]."""
        if self.standardisation is None:
            return self.inputs
        mean, deviation = self.standardisation
        return (self.inputs.float() - mean) / deviation

    def batches(self, size: int) -> tuple["DevicePart", ...]:
        """Consecutive batches of at most `size` samples."""
        pairs = zip(torch.split(self.inputs, size), torch.split(self.labels, size), strict=True)
        return tuple(DevicePart(*pair, self.standardisation) for pair in pairs)
