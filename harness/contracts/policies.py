"""What every exit policy keeps, on outputs of all of its tasks."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from harness.contracts import Check, expect
from harness.core.plugins import Registry
from harness.core.types import ExitLogits
from harness.export.policy_export import check_exportable
from harness.policies import ExitPolicy
from harness.policies.predictions import apply_policy

_EXITS, _SAMPLES, _OUTPUTS = 3, 12, 4


def _cases(registry: Registry[ExitPolicy], name: str) -> Iterator[tuple[ExitPolicy, ExitLogits]]:
    """The policy at its defaults, and outputs of small and of large logits."""
    plugin: type[ExitPolicy] = registry.get(name)
    for task in plugin.tasks:
        for seed, scale in enumerate((0.0, 1.0, 60.0)):
            draw = np.random.default_rng(seed)
            values = (scale * draw.standard_normal((_EXITS, _SAMPLES, _OUTPUTS))).astype(np.float32)
            labels = (
                draw.integers(0, _OUTPUTS, _SAMPLES)
                if task == "classification"
                else draw.standard_normal((_SAMPLES, _OUTPUTS // 2)).astype(np.float32)
            )
            gates = draw.random((_EXITS, _SAMPLES)).astype(np.float32)
            yield plugin(), ExitLogits(values, labels, gates)


def confidences_are_shares(registry: Registry[ExitPolicy], name: str) -> None:
    """Confidences are float64 [E, N] in [0, 1]."""
    for policy, outputs in _cases(registry, name):
        found = apply_policy(policy, outputs, outputs).confidence
        shape = outputs.values.shape[:2]
        expect(found.shape == shape, f"shape {list(found.shape)}, expected {list(shape)}")
        expect(found.dtype == np.float64, f"{found.dtype}, expected float64")
        low, high = found.min(), found.max()
        expect(low >= 0 and high <= 1, f"from {low:.3g} to {high:.3g}")


def does_not_look_at_labels(registry: Registry[ExitPolicy], name: str) -> None:
    """The labels of the samples to route are not used."""
    for policy, outputs in _cases(registry, name):
        blind = dataclasses.replace(outputs, labels=outputs.labels[::-1].copy())
        found, expected = (apply_policy(policy, each, outputs) for each in (blind, outputs))
        same = np.array_equal(found.confidence, expected.confidence)
        expect(same, "other labels give other confidences")


def treats_samples_alike(registry: Registry[ExitPolicy], name: str) -> None:
    """The order of the samples does not matter."""
    for policy, outputs in _cases(registry, name):
        order = np.random.default_rng(0).permutation(_SAMPLES)
        gates = None if outputs.gates is None else outputs.gates[:, order]
        moved = ExitLogits(outputs.values[:, order], outputs.labels[order], gates)
        found = apply_policy(policy, moved, moved).confidence
        expected = apply_policy(policy, outputs, outputs).confidence[:, order]
        expect(np.allclose(found, expected, rtol=0, atol=1e-12), "another order changes them")


def an_exit_does_not_need_deeper_ones(registry: Registry[ExitPolicy], name: str) -> None:
    """Confidence and prediction of an exit do not depend on deeper exits."""
    for policy, outputs in _cases(registry, name):
        values = outputs.values.copy()
        values[-1] = values[-1, :, ::-1]
        changed = dataclasses.replace(outputs, values=values)
        found, expected = (apply_policy(policy, each, each) for each in (changed, outputs))
        for what in ("confidence", "predicted"):
            same = np.array_equal(getattr(found, what)[:-1], getattr(expected, what)[:-1])
            expect(same, f"{what} of earlier exits changes with the last one's outputs")


def leaves_outputs_alone(registry: Registry[ExitPolicy], name: str) -> None:
    """It does not change the outputs that it is given."""
    for policy, outputs in _cases(registry, name):
        before = outputs.values.copy()
        apply_policy(policy, outputs, outputs)
        expect(np.array_equal(outputs.values, before), "the logits were changed in place")


def can_be_exported(registry: Registry[ExitPolicy], name: str) -> None:
    """An export can carry its source, which gives the same there without deeper exits."""
    if "classification" not in registry.get(name).tasks:
        return  # exports predict classes
    for _, outputs in _cases(registry, name):
        if outputs.task == "classification":
            check_exportable(registry, name, outputs)


CHECKS: tuple[Check, ...] = (
    confidences_are_shares,
    does_not_look_at_labels,
    treats_samples_alike,
    an_exit_does_not_need_deeper_ones,
    leaves_outputs_alone,
    can_be_exported,
)
