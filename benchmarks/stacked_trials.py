"""Trials per hour of a stack against one network after the other, on the networks of two studies.

    python -m benchmarks stacked_trials

A trial is trained as a study does, `harness.training.train` and `train_stack` with an evaluation on
validation after each epoch, under regime `joint`. Data are noise of the real shape: time does not
depend on them. Epochs of part of the training samples are timed, and scaled to the study's samples
and epochs; building the networks counts once, writing results not at all. On CUDA the rivals are

- eager: one by one as a study trains (what stacks are compared with);
- graphed: one by one, its step a CUDA graph (without the curve's loss weights);
- processes: 4 and 8 at once, each eager, one by one;
- graphed stack: its step a CUDA graph;
- grouped stack: its convolutions are grouped ones instead of products.

Without a card nothing is measured, and what was on another machine stays.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, multiprocessing

from benchmarks.suite.figure import Figure, quick
from harness.models.backbones import Backbone
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.early_exit import build_network
from harness.regimes.joint import Joint
from harness.training import stacked_graphs, stacked_operations
from harness.training.curve import Curve
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train
from harness.training.train_stack import train_stack

PROCESSES, WARM_UP = (4, 8), 3
_PATIENCE = 120
"""Seconds that a process waits for the others to be ready."""
WANTED = 20.0
"""Times the trials an hour of one network after the other."""
LARGEST = 256
_GROUPED = 64
"""Most members whose grouped convolutions are waited for."""


@dataclass(frozen=True)
class Case:
    """One study's network and its training.

    Attributes
    ----------
    samples, validation
        Of the study's split.
    steps
        Of the epochs that are timed, on CUDA and on a CPU.
    more
        Epochs that are timed after the first, likewise.
    """

    name: str
    backbone: Backbone
    shape: tuple[int, ...]
    classes: int
    samples: int
    validation: int
    options: TrainingOptions
    steps: tuple[int, int]
    more: tuple[int, int]

    def timed(self, device: torch.device) -> tuple[DevicePart, DevicePart, float]:
        """Training and validation part of a timed epoch, and what share of a whole epoch it is."""
        batch, whole = self.options.batch_size, math.ceil(self.samples / self.options.batch_size)
        steps = min(self.steps[device.type == "cpu"], whole)
        share = steps / whole
        parts = (steps * batch, max(round(self.validation * share), 1))
        generator = torch.Generator().manual_seed(0)
        made = [self._noise(samples, generator, device) for samples in parts]
        return made[0], made[1], share

    def _noise(self, samples: int, generator: torch.Generator, device: torch.device) -> DevicePart:
        inputs = torch.randn(samples, *self.shape, generator=generator).to(device)
        labels = torch.randint(self.classes, (samples,), generator=generator).to(device)
        return DevicePart(inputs, labels)

    def model(self, seed: int) -> ExitModel:
        """A network with weights of its own, on the CPU."""
        torch.manual_seed(seed)
        network = build_network(self.backbone, self.shape, self.classes)
        return ExitModel(network, Joint(), self.classes)


CASES = (
    Case(
        "fashion_mnist", ImageCNN(widths=(8, 16, 32), exits=3), (1, 28, 28), 10, 50_000, 10_000,
        TrainingOptions(epochs=3, batch_size=128), (40, 8), (2, 2),
    ),
    Case(
        "indian_pines", SpectralCNN(widths=(16, 32, 64), exits=3, kernel=7), (1, 200), 16, 1_025,
        1_025, TrainingOptions(epochs=40, batch_size=64), (17, 17), (39, 2),
    ),
)  # fmt: skip


def main() -> list[Figure]:
    """Print and return every figure of the stacks on a card."""
    if not torch.cuda.is_available():
        return [Figure("stacks on a card", math.nan, missing="there is no CUDA device")]
    return measured(torch.device("cuda"), (4, 16) if quick() else (4, 16, 64, LARGEST))


def measured(device: torch.device, stacks: Sequence[int]) -> list[Figure]:
    """Figures of both networks on a device, printed as they come."""
    torch.set_num_threads(1)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu, one thread"
    print(f"device: {name}; torch {torch.__version__}", flush=True)
    found = []
    for case in CASES:
        for figure in _figures(case, device, stacks):
            found.append(replace(figure, name=f"{case.name}: {figure.name}"))
            print(f"{found[-1].name}: {figure.value:.6g}", flush=True)
    return found


def _figures(case: Case, device: torch.device, stacks: Sequence[int]) -> Iterator[Figure]:
    """Trials an hour of each way, and how many times those of the eager way."""
    eager = _per_hour(case, device, _one)
    yield Figure("eager one by one", eager, "trials an hour")
    if device.type == "cuda":
        yield from _against(eager, "graphed one by one", _per_hour(case, device, _graphed))
        for processes in PROCESSES:
            found = _of_processes(case, processes)
            yield from _against(eager, f"{processes} processes", found)
    cuda, none = frozenset({"cuda"}), frozenset[str]()
    ways = {"stack": (cuda, none), "graphed stack": (cuda, cuda), "grouped stack": (none, none)}
    if device.type == "cpu":
        ways = {"stack": (none, none)}
    for members, (way, (products, graphs)) in itertools.product(stacks, ways.items()):
        if way == "grouped stack" and members > _GROUPED:
            continue
        stacked_operations.PRODUCTS_ON = products  # type: ignore[misc]
        stacked_graphs.GRAPHS_ON = graphs  # type: ignore[misc]
        try:
            found = members * _per_hour(case, device, _stack_of(members))
        except torch.OutOfMemoryError:
            print(f"{case.name} {way} of {members}: out of memory", flush=True)
            continue
        yield from _against(eager, f"{way} of {members}", found)


def _against(eager: float, way: str, found: float) -> Iterator[Figure]:
    yield Figure(way, found, "trials an hour")
    target = WANTED if way == f"stack of {LARGEST}" else None
    yield Figure(f"{way}, times eager", found / eager, "times", at_least=target)


Work = Callable[[Case, torch.device, DevicePart, DevicePart, int], None]
"""Trains for a number of epochs."""


def _per_hour(case: Case, device: torch.device, work: Work) -> float:
    """Trials (or stacks) per hour of what `work` trains."""
    train_part, validation, share = case.timed(device)

    def seconds(part: DevicePart, epochs: int) -> float:
        _wait(device)
        started = time.perf_counter()
        work(case, device, part, validation, epochs)
        _wait(device)
        return time.perf_counter() - started

    seconds(
        DevicePart(*(each[: WARM_UP * case.options.batch_size] for each in _both(train_part))), 1
    )
    # Short epochs are timed in number: what differs by chance is then little beside them.
    more = case.more[device.type == "cpu"]
    short, long = seconds(train_part, 1), seconds(train_part, 1 + more)
    epoch = (long - short) / more
    begin = max(short - epoch, 0.0)  # building networks, and what else is done once
    return 3600 / (begin + epoch * case.options.epochs / share)


def _both(part: DevicePart) -> tuple[Tensor, Tensor]:
    return part.inputs, part.labels


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _options(case: Case, epochs: int) -> TrainingOptions:
    return TrainingOptions(epochs=epochs, batch_size=case.options.batch_size)


def _one(
    case: Case, device: torch.device, part: DevicePart, validation: DevicePart, epochs: int
) -> None:
    seed_everything(0)
    train(case.model(0).to(device), part, validation, _options(case, epochs), 0)


def _stack_of(members: int) -> Work:
    def work(
        case: Case, device: torch.device, part: DevicePart, validation: DevicePart, epochs: int
    ) -> None:
        del device
        seed_everything(0)
        models = [case.model(seed) for seed in range(members)]
        options = [_options(case, epochs)] * members
        found = train_stack(models, part, validation, options, tuple(range(members)))
        assert all(isinstance(each, Curve) for each in found)  # noqa: S101

    return work


def _graphed(
    case: Case, device: torch.device, part: DevicePart, validation: DevicePart, epochs: int
) -> None:
    """Train one network by replaying its step, then evaluate it."""
    seed_everything(0)
    model, batch = case.model(0).to(device), case.options.batch_size
    rate = case.options.learning_rate
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, capturable=True, foreach=True)
    inputs, labels = part.inputs[:batch].clone(), part.labels[:batch].clone()

    def step() -> None:
        # The regime makes its exit weights on the CPU, which a graph cannot copy from.
        with torch.device(device):
            loss = model.regime.loss(model.network(inputs), labels, 0.5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    stream = torch.cuda.Stream(device)
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream(device).wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    for _ in range(epochs):
        order = torch.randperm(len(part)).to(device)
        for index in order.split(batch):
            inputs.copy_(part.inputs[index])
            labels.copy_(part.labels[index])
            graph.replay()
        exit_logits(model, validation)


def _of_processes(case: Case, number: int) -> float:
    """Trials per hour of some processes together, each training one by one."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(number), context.SimpleQueue()
    arguments = (CASES.index(case), barrier, results)
    running = [context.Process(target=_in_process, args=arguments) for _ in range(number)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        return math.nan
    return float(sum(results.get() for _ in running))


def _in_process(case: int, barrier: object, results: object) -> None:
    torch.set_num_threads(1)
    device = torch.device("cuda")
    asked = CASES[case]

    def first_together(*given: object) -> None:
        if not waited:
            waited.append(barrier.wait(_PATIENCE))  # type: ignore[attr-defined]
        _one(*given)  # type: ignore[arg-type]

    waited: list[int] = []
    _one(asked, device, *asked.timed(device)[:2], 1)
    results.put(_per_hour(asked, device, first_together))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
