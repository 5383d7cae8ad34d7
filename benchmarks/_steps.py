"""Training steps of networks of the shipped studies' kinds, as they are and in variants."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.suite.figure import quick
from harness.models.backbones import Backbone
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.resnet import ResNet
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.early_exit import Head, build_network
from harness.regimes.joint import Joint
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import learn_only, make_optimizer
from harness.training.step import Step

RATE = 0.003


@dataclass(frozen=True)
class Case:
    """A network of a shipped study, the shape of its inputs, its classes and its batch size."""

    name: str
    backbone: Backbone
    shape: tuple[int, ...]
    classes: int
    batch: int


CASES = (
    Case("indian_pines_small", SpectralCNN(widths=(8, 16, 32)), (1, 200), 16, 64),
    Case("indian_pines", SpectralCNN(widths=(16, 32, 64)), (1, 200), 16, 64),
    Case("quickstart", ImageCNN(widths=(8, 16, 32), pool=2), (1, 8, 8), 10, 64),
    Case("fashion_mnist", ImageCNN(widths=(8, 16, 32)), (1, 28, 28), 10, 128),
    Case("fashion_mnist_resnet", ResNet(depth=2, width=8), (1, 28, 28), 10, 128),
)


def model_of(case: Case) -> ExitModel:
    """The network of a case under joint training, with weights of its own."""
    network = build_network(case.backbone, case.shape, case.classes)
    return ExitModel(network, Joint(), case.classes)


def optimizer_of(model: ExitModel) -> torch.optim.Optimizer:
    """The optimiser that harness trains with."""
    (phase,) = model.regime.plan(len(model.network.heads))
    return make_optimizer(learn_only(model.network, phase), TrainingOptions(learning_rate=RATE))


def batch_of(case: Case) -> tuple[Tensor, Tensor]:
    """Inputs and labels of one step, drawn at random: their values cost nothing."""
    return torch.randn(case.batch, *case.shape), torch.randint(case.classes, (case.batch,))


def made(
    case: Case,
    model: ExitModel,
    optimizer: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor] | None = None,
    *,
    bfloat16: bool = False,
) -> Callable[[], object]:
    """A step on the same batch again and again."""
    (phase,) = model.regime.plan(len(model.network.heads))
    step = Step(model, phase, optimizer, bfloat16=bfloat16)
    inputs, labels = batch or batch_of(case)
    return lambda: step.take(inputs, labels, 0.5)


def shipped(case: Case) -> Callable[[], object]:
    """The step as it ships."""
    model = model_of(case)
    return made(case, model, optimizer_of(model))


def foreach(case: Case) -> Callable[[], object]:
    """AdamW in an operation for each of its terms, of all parameters together."""
    model = model_of(case)
    return made(case, model, torch.optim.AdamW(model.parameters(), lr=RATE, foreach=True))


def one_by_one(case: Case) -> Callable[[], object]:
    """AdamW parameter by parameter, torch's default on a CPU."""
    model = model_of(case)
    return made(case, model, torch.optim.AdamW(model.parameters(), lr=RATE, foreach=False))


def adaptive(case: Case) -> Callable[[], object]:
    """Torch's adaptive pooling in the heads in place of a computed window."""
    model = model_of(case)
    pools = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d}[len(case.shape) - 1]
    for head in model.network.heads:
        if isinstance(head, Head):
            head.pool = pools(case.backbone.head_cells(case.shape[1:])[0])
    return made(case, model, optimizer_of(model))


class ProductPool(nn.Module):
    """The average pool of computed windows as a matrix product along each axis."""

    def __init__(self, pool: nn.AvgPool1d | nn.AvgPool2d, space: tuple[int, ...]) -> None:
        super().__init__()
        for axis, size in enumerate(space):
            kernel, stride = (_of_axis(each, axis) for each in (pool.kernel_size, pool.stride))
            eye = torch.eye(size)[:, None]
            self.register_buffer(f"axis{axis}", nn.functional.avg_pool1d(eye, kernel, stride)[:, 0])

    def forward(self, features: Tensor) -> Tensor:
        """Features [N, channels, *cells] of [N, channels, *space]."""
        if features.ndim == len(("sample", "channel", "band")):
            return features @ self.axis0
        return self.axis0.T @ (features @ self.axis1)


def _of_axis(value: object, axis: int) -> int:
    return int(value[axis] if isinstance(value, tuple | list) else value)


def products(case: Case) -> Callable[[], object]:
    """Average pooling in the heads as matrix products."""
    model = model_of(case)
    features = torch.zeros(1, *case.shape)
    for stage, head in zip(model.network.stages, model.network.heads, strict=True):
        features = stage(features)
        if isinstance(head, Head):
            before, head.pool = head.pool, ProductPool(head.pool, features.shape[2:])
            assert torch.allclose(before(features), head.pool(features), atol=1e-5)  # noqa: S101
    return made(case, model, optimizer_of(model))


def compiled(case: Case) -> Callable[[], object]:
    """The network's forward and backward pass through torch.compile."""
    if quick():
        raise ValueError("compiling is left out of quick runs")
    model = model_of(case)
    optimizer = optimizer_of(model)
    network = copy.copy(model.network)
    network.forward = torch.compile(model.network.forward)  # type: ignore[method-assign]
    model.network = network
    return made(case, model, optimizer)


def channels_last(case: Case) -> Callable[[], object]:
    """Channels last in memory, of images alone."""
    if len(case.shape) != len(("channels", "rows", "columns")):
        raise ValueError("channels_last is a format of images")
    model = model_of(case)
    layout = torch.channels_last
    model.network.to(memory_format=layout)
    inputs, labels = batch_of(case)
    batch = (inputs.contiguous(memory_format=layout), labels)
    return made(case, model, optimizer_of(model), batch)


def bfloat16(case: Case) -> Callable[[], object]:
    """The forward pass in bfloat16 (`precision: bfloat16`)."""
    model = model_of(case)
    return made(case, model, optimizer_of(model), bfloat16=True)


def undetermined(case: Case) -> Callable[[], object]:
    """Without the demand for deterministic algorithms."""
    step = shipped(case)

    def free() -> None:
        torch.use_deterministic_algorithms(False)
        step()
        torch.use_deterministic_algorithms(True)

    return free


VARIANTS: Mapping[str, Callable[[Case], Callable[[], object]]] = {
    "AdamW term by term": foreach,
    "AdamW parameter by parameter": one_by_one,
    "adaptive pooling": adaptive,
    "pooling as matrix products": products,
    "channels_last": channels_last,
    "bfloat16": bfloat16,
    "algorithms that need not be deterministic": undetermined,
    "torch.compile": compiled,
}
