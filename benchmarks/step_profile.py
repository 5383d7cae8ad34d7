"""What a training step costs: share of the machine's matmul peak, and what would make it faster.

The peak is the best of many products of two float32 matrices of 1024 x 1024 on one thread. A step
is `harness.training.step.Step` under `joint` on a real batch: forward, backward, AdamW; its FLOPs
are torch's count of forward and backward (convolutions and matrix products). The networks are those
of the shipped studies. Time is that of the process on its core, so that what else runs disturbs it
less. Variants take turns with the step as it ships, in blocks of a few steps; the ratio of each
block is to the block beside it, above 1 where the variant is faster. torch's profiler says what
the time of a step goes to.
"""

import copy
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.suite.figure import Figure, quick, repeated
from harness.models.backbones import Backbone
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.resnet import ResNet
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.early_exit import Head, build_network
from harness.regimes.joint import Joint
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import learn_only, make_optimizer
from harness.training.seeding import seed_everything
from harness.training.step import Step

BLOCKS, WARM = (2, 2) if quick() else (15, 10)
"""Blocks of each variant, and steps before any is timed."""
BLOCK_SECONDS = 0.01 if quick() else 0.1
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
VARIED = ("indian_pines", "fashion_mnist")
"""The studies whose step is timed in variants."""


def main() -> list[Figure]:
    """Print shares of the peak, the variants' ratios, and the profile of a step."""
    torch.set_num_threads(1)
    seed_everything(0)
    peak = matmul_peak()
    print(f"peak of a float32 product of 1024 x 1024 on one thread: {peak / 1e9:.0f} GFLOP/s")
    figures = [shares(case, peak) for case in CASES]
    for case in CASES:
        if case.name in VARIED:
            figures += varied(case)
    for case in CASES:
        if case.name in VARIED:
            profile(case)
    return figures


def matmul_peak() -> float:
    """FLOP/s of the fastest of many products."""
    size = 1024
    one, other = torch.randn(size, size), torch.randn(size, size)
    times = []
    for _ in range(5 if quick() else 60):
        started = time.process_time()
        torch.mm(one, other)
        times.append(time.process_time() - started)
    return 2 * size**3 / min(times)


def shares(case: Case, peak: float) -> Figure:
    """The share of the peak that a step reaches, by blocks of steps."""
    step = shipped(case)
    model = model_of(case)
    with FlopCounterMode(display=False) as counter:
        made(case, model, optimizer_of(model))()
    flops = counter.get_total_flops()
    steps = block_of(step)
    seconds = [run(step, steps) for _ in range(BLOCKS)]
    found = [100 * flops / each / peak for each in seconds]
    median = 1e3 * statistics.median(seconds)
    print(f"{case.name}: {flops / 1e6:.0f} MFLOP a step of {case.batch}, {median:.2f} ms")
    return repeated(f"{case.name}: share of the matmul peak in a step", found, "per cent")


def varied(case: Case) -> list[Figure]:
    """How many times as fast each variant of the step is."""
    base = shipped(case)
    steps = block_of(base)
    figures = []
    for name, make in VARIANTS.items():
        try:
            started = time.perf_counter()
            step = make(case)
            run(step, WARM)
            ready = time.perf_counter() - started
        except Exception as error:  # no compiler, say: the others go on
            reason = (str(error) or type(error).__name__).splitlines()[0][:80]
            what = f"{case.name}: step with {name}, times as fast"
            figures.append(Figure(what, float("nan"), missing=reason))
            continue
        run(base, WARM)
        ratios = []
        for _ in range(BLOCKS):
            before = run(base, steps)
            ratios.append(before / run(step, steps))
        extra = f", {ready:.0f} s until its first {WARM} steps were done" if ready > 1 else ""
        print(f"{case.name}, {name}: {statistics.median(ratios):.2f} times as fast{extra}")
        figures.append(repeated(f"{case.name}: step with {name}, times as fast", ratios))
    return figures


def run(step: Callable[[], object], steps: int) -> float:
    """Seconds of this process a step."""
    started = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - started) / steps


def block_of(step: Callable[[], object]) -> int:
    """Number of steps in a block, of at least `BLOCK_SECONDS`."""
    run(step, WARM)
    return max(1, round(BLOCK_SECONDS / run(step, 3)))


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


def fused(case: Case) -> Callable[[], object]:
    """AdamW in one kernel."""
    model = model_of(case)
    return made(case, model, torch.optim.AdamW(model.parameters(), lr=RATE, fused=True))


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
    "fused AdamW": fused,
    "AdamW parameter by parameter": one_by_one,
    "adaptive pooling": adaptive,
    "pooling as matrix products": products,
    "channels_last": channels_last,
    "bfloat16": bfloat16,
    "algorithms that need not be deterministic": undetermined,
    "torch.compile": compiled,
}


def profile(case: Case) -> None:
    """Print the operations that take most of a step's time."""
    step = shipped(case)
    run(step, WARM)
    steps = block_of(step)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as found:
        run(step, steps)
    events = sorted(found.key_averages(), key=lambda each: -each.self_cpu_time_total)
    total = sum(each.self_cpu_time_total for each in events)
    print(f"{case.name}: a step's time by operation (torch.profiler, its own cost included)")
    print(f"  {'operation':44} share  calls a step")
    for each in events[:12]:
        share = each.self_cpu_time_total / total
        print(f"  {each.key[:44]:44} {share:5.1%}  {each.count / steps:12.1f}")


if __name__ == "__main__":
    main()
