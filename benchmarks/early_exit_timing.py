"""Measured time of an early-exit network against the full static network on every sample.

Images of Fashion-MNIST's shape, random weights (time depends on the architecture alone), one
thread. The baseline is the full static network: the same stages with the last head only, run on all
samples. Simulated early exit, as it is often done, is timed too: all exits computed, predictions
selected afterwards. It must predict the same as batch compaction; and where no sample leaves early,
compaction must predict the same as the baseline.

`harness compare --cost throughput` takes the mean over samples of the cost of a batch that leaves
together at their exit: one line reports how far that is from the measured time.
"""

import numpy as np
import torch

from benchmarks.suite.figure import Figure, quick
from harness.core.types import DataShape
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network
from harness.regimes.joint import Joint
from harness.timing.architecture import Architecture, measured_costs
from harness.timing.compaction import batch_times, leaving_logits, throughput
from harness.training.model import ExitModel

SHAPE, CLASSES, SAMPLES = (1, 28, 28), 10, 2_000 if quick() else 10_000
SHARES = (0.60, 0.25, 0.15)
BATCHES, REPEATS = (32, 256), 3


def main() -> list[Figure]:
    """Print latencies, throughputs and their ratios to the baseline."""
    torch.manual_seed(0)
    backbone = ImageCNN(widths=(8, 16, 32), exits=len(SHARES))
    model = ExitModel(build_network(backbone, SHAPE, CLASSES), Joint(), CLASSES)
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((SAMPLES, *SHAPE), dtype=np.float32)
    leave = np.array([round(share * SAMPLES) for share in SHARES])
    route = generator.permutation(np.repeat(np.arange(len(SHARES)), leave))
    check(model, inputs, route)

    costs = exit_costs(backbone, SHAPE, CLASSES)
    macs = costs.macs / costs.full
    data = DataShape(SHAPE, CLASSES, "classification")
    latency = measured_costs(Architecture(backbone, data), Joint(), 0, "latency")
    seconds = latency.seconds / latency.full
    print(f"{SAMPLES:,} images {list(SHAPE)}, widths {list(backbone.widths)}, exit shares {SHARES}")
    print(f"batch 1: full static network {1e6 * latency.full:.0f} us, {costs.full:,.0f} MACs")
    for index, share in enumerate(SHARES):
        print(
            f"  exit {index + 1}: {1e6 * latency.seconds[index]:.0f} us = {seconds[index]:.2f} x, "
            f"{macs[index]:.2f} x its MACs ({share:.0%} leave)"
        )
    print(f"  mean {seconds[route].mean():.2f} x its time, {macs[route].mean():.2f} x its MACs")
    figures = [
        Figure("early exit one by one: time over that of the full network", seconds[route].mean()),
        Figure("the same by MACs", macs[route].mean()),
    ]
    for batch in BATCHES:
        found = throughput(model, inputs, route, batch, REPEATS)
        dropped, picked = found.compacted / found.static, found.every_exit / found.static
        print(
            f"batch {batch}: full static network {found.static:,.0f} samples/s; samples dropped "
            f"{found.compacted:,.0f}/s = {dropped:.2f} x, all exits computed and picked "
            f"{found.every_exit:,.0f}/s = {picked:.2f} x"
        )
        shares = batch_times(model, inputs[:batch])
        mean = shares.leaving[route].mean() / shares.static[-1]
        print(
            f"  per sample {1 / dropped:.2f} x the baseline's time; batches that leave "
            f"together give {mean:.2f} x: {dropped * mean - 1:+.0%}"
        )
        figures += [
            Figure(f"samples dropped from batches of {batch}: times as fast", dropped),
            Figure(f"all exits computed, then picked, batches of {batch}: times as fast", picked),
        ]
    print(f"By MACs alone it would be {1 / macs[route].mean():.2f} x (medians of {REPEATS})")
    return figures


def check(model: ExitModel, inputs: np.ndarray, route: np.ndarray) -> None:
    """Same predictions with and without compaction; the baseline's where none leaves early."""
    dropped = leaving_logits(model, inputs, route, BATCHES[1])
    picked = leaving_logits(model, inputs, route, BATCHES[1], compact=False)
    stay = leaving_logits(model, inputs, np.full_like(route, len(SHARES) - 1), BATCHES[1])
    with torch.inference_mode():
        baseline = model.network(torch.from_numpy(inputs), [len(SHARES)])[0].numpy()
    assert np.allclose(dropped, picked, atol=1e-5)  # noqa: S101
    assert np.allclose(stay, baseline, atol=1e-5)  # noqa: S101


if __name__ == "__main__":
    main()
