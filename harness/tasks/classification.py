"""Classification: labels are class indices, outputs are logits."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from harness.tasks import Reduction, Task


@dataclass(frozen=True)
class Classification(Task):
    """One of K classes, by cross-entropy and softmax."""

    def reads(self, labels: Tensor) -> bool:
        """Whole numbers are class indices."""
        return not labels.is_floating_point()

    def width(self, names: int) -> int:
        """A logit per class."""
        return names

    def loss(
        self, outputs: Tensor, labels: Tensor, reduction: Reduction, smoothing: float = 0.0
    ) -> Tensor:
        """Cross-entropy."""
        return functional.cross_entropy(
            outputs, labels, reduction=reduction, label_smoothing=smoothing
        )

    def confidence(self, outputs: Tensor) -> Tensor:
        """Largest softmax probability."""
        return outputs.softmax(-1).amax(-1)

    def confidence_and_correct(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The largest softmax probability, and whether it is that of the label."""
        confidence, predicted = outputs.softmax(-1).max(-1)
        return confidence, predicted == labels

    def target_probability(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """p(y)."""
        probability = outputs.softmax(-1)
        index = labels.expand(probability.shape[:2]).unsqueeze(-1)
        return probability.gather(-1, index).squeeze(-1)

    def score(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """1 where correct, else 0."""
        return (outputs.argmax(-1) == labels).float()
