"""Writes an exit policy into an export, and runs it from there as the runtime will."""

import tempfile
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.core.plugins import Registry
from harness.core.study_spec import PolicyChoice
from harness.core.types import ExitLogits, Floats, Ints
from harness.export.manifest import ExportedPolicy
from harness.export.policy_source import policy_source
from harness.export.runtime_policy import (
    FIT_ON,
    FITTED,
    CarriedPolicy,
    NotCarriedError,
    PolicyManifest,
)
from harness.policies import ExitPolicy
from harness.policies.calibration import scale_outputs, temperatures
from harness.policies.predictions import apply_policy

_ROUNDING = 1e-6


def write_policy(
    folder: Path,
    registry: Registry[ExitPolicy],
    choice: PolicyChoice,
    outputs: ExitLogits,
    fit_on: ExitLogits,
) -> ExportedPolicy:
    """Write a policy's source into `folder`, and what it is fitted by.

    That is the tables of `ExitPolicy.fitted`, and `fit_on` itself where its confidences read it.

    Parameters
    ----------
    outputs
        Of held-out samples, on which it is run from there, an exit after the other.
    fit_on
        Outputs that it is fitted on.

    Raises
    ------
    InputError
        Its source cannot be carried, or gives something else there than in harness.
    """
    name = choice.name
    policy = build(registry.get(name), choice.parameters, f"policy {name}")
    source = policy_source(registry, name)
    scale = temperatures(fit_on) if policy.calibrated else None
    scaled = fit_on if scale is None else scale_outputs(fit_on, scale)
    source.write(folder)
    exported = ExportedPolicy(
        name=name,
        parameters=choice.parameters,
        digest=source.digest,
        module=source.module,
        class_name=source.class_name,
        files=dict(source.files),
        packages=dict(source.packages),
        temperatures=None if scale is None else tuple(scale.tolist()),
    )
    try:
        if tables := policy.fitted(scaled):
            np.savez(folder / FITTED, allow_pickle=False, **tables)
        try:
            found = _by_exit(folder, exported, outputs)
        except NotCarriedError:
            gates = {} if scaled.gates is None else {"gates": scaled.gates}
            arrays = {"values": scaled.values, "labels": scaled.labels, **gates}
            np.savez(folder / FIT_ON, allow_pickle=False, **arrays)
            found = _by_exit(folder, exported, outputs)
    except Exception as error:  # code of a user's may raise any
        raise InputError(
            f"policy {name}: its source, run as an export runs it, ends with "
            f"{type(error).__name__}: {error}"
        ) from error
    _check_same(name, found, policy, outputs, fit_on)
    return exported


def check_exportable(registry: Registry[ExitPolicy], name: str, outputs: ExitLogits) -> None:
    """Raise InputError, as `write_policy` does, unless an export can carry a policy's defaults."""
    with tempfile.TemporaryDirectory() as scratch:
        write_policy(Path(scratch), registry, PolicyChoice(name=name), outputs, outputs)


def _by_exit(
    folder: Path, exported: ExportedPolicy, outputs: ExitLogits
) -> tuple[tuple[Ints, Floats], ...]:
    """Predictions [N] and confidences [N] at each exit, the deeper ones unknown."""
    exits = len(outputs.values)
    plain = PolicyManifest(
        module=exported.module,
        class_name=exported.class_name,
        files=exported.files,
        packages=exported.packages,
        parameters=exported.parameters,
        temperatures=None if exported.temperatures is None else list(exported.temperatures),
    )
    carried = CarriedPolicy(folder, plain, exits)
    gates = outputs.gates
    return tuple(
        carried.at_newest(outputs.values[:passed], None if gates is None else gates[:passed])
        for passed in range(1, exits + 1)
    )


def _check_same(
    name: str,
    found: tuple[tuple[Ints, Floats], ...],
    policy: ExitPolicy,
    outputs: ExitLogits,
    fit_on: ExitLogits,
) -> None:
    expected = apply_policy(policy, outputs, fit_on)
    for index, (predicted, confidence) in enumerate(found):
        same = np.isclose(confidence, expected.confidence[index], 0, _ROUNDING, equal_nan=True)
        other = ~same | (predicted != expected.predicted[index])
        if other.any():
            raise InputError(
                f"policy {name}: at exit {index + 1} it depends on deeper exits, which a sample "
                f"that leaves there has not passed: without them it predicts otherwise on "
                f"{other.sum()} of {len(other)} samples"
            )
