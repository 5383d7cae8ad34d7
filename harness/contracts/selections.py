"""What every threshold selection keeps, on made-up predictions."""

from collections.abc import Iterator

import numpy as np

from harness.contracts import Check, expect
from harness.core.plugins import Registry
from harness.core.types import ExitLogits, Floats
from harness.frontier.selections import Selection
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predictions import ExitPredictions, apply_policy

_SAMPLES, _CLASSES = 60, 4


def _cases(
    registry: Registry[Selection], name: str
) -> Iterator[tuple[Selection, ExitPredictions, Floats]]:
    """The selection at its defaults, predictions of one to three exits, and the exits' costs."""
    for exits in (1, 2, 3):
        draw = np.random.default_rng(exits)
        labels = draw.integers(0, _CLASSES, _SAMPLES)
        values = draw.standard_normal((exits, _SAMPLES, _CLASSES))
        values[:, np.arange(_SAMPLES), labels] += np.arange(1, exits + 1)[:, None]
        outputs = ExitLogits(values.astype(np.float32), labels)
        predictions = apply_policy(MaxSoftmax(), outputs, outputs)
        yield registry.get(name)(), predictions, np.arange(1.0, exits + 1)


def gives_threshold_vectors(registry: Registry[Selection], name: str) -> None:
    """It gives threshold vectors, float64 [F, E-1] with at least one, none of them NaN."""
    for selection, predictions, costs in _cases(registry, name):
        found = selection.select(predictions, costs)
        wanted = f"[F, {len(costs) - 1}] with F >= 1 for {len(costs)} exits"
        shaped = found.ndim == 2 and found.shape[0] >= 1 and found.shape[1] == len(costs) - 1  # noqa: PLR2004
        expect(shaped, f"shape {list(found.shape)}, expected {wanted}")
        expect(found.dtype == np.float64, f"{found.dtype}, expected float64")
        expect(not np.isnan(found).any(), "a threshold is NaN")
        expect(len(costs) > 1 or len(found) == 1, f"{len(found)} vectors for one exit, expected 1")


def chooses_the_same_again(registry: Registry[Selection], name: str) -> None:
    """It chooses the same again, and does not change the predictions that it is given."""
    for selection, predictions, costs in _cases(registry, name):
        before = predictions.confidence.copy()
        first, second = (selection.select(predictions, costs) for _ in range(2))
        expect(np.array_equal(first, second), "a second call chooses otherwise")
        expect(np.array_equal(predictions.confidence, before), "predictions changed in place")


CHECKS: tuple[Check, ...] = (gives_threshold_vectors, chooses_the_same_again)
