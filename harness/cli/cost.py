"""Options that say what a sample's cost is, and where it is measured."""

from typing import Annotated, get_args

import typer

from harness.core.budgets import CostName
from harness.core.errors import InputError
from harness.core.trial_spec import Device

Axis = Annotated[
    CostName,
    typer.Option(
        help="Cost axis: macs, parameters, latency (single samples) or throughput (batches); the "
        "last two are measured on this machine.",
        metavar="AXIS",
    ),
]
TimedOn = Annotated[
    str | None,
    typer.Option(
        help="Where time is measured: cpu (one thread; the default), cuda, cuda:1 or mps. Samples "
        "lie there already.",
        metavar="DEVICE",
    ),
]
_TIMED: tuple[CostName, ...] = ("latency", "throughput")


def timed_on(device: str | None, axis: CostName = "latency") -> str:
    """The one device, as torch names it, on which a cost axis is measured.

    Parameters
    ----------
    device
        As the user wrote it; None for the CPU.

    Raises
    ------
    InputError
        There is no such device, it names several, or nothing is to be measured.
    """
    if device is None:
        return "cpu"
    if axis not in _TIMED:
        raise InputError(f"--device: goes with {' or '.join(_TIMED)}, found {axis}")
    kind, _, number = device.partition(":")
    if kind not in get_args(Device) or "," in number:
        raise InputError(
            f"--device {device}: time is measured on one device: cpu, cuda, cuda:1 or mps"
        )
    from harness.training.devices import find_devices

    return find_devices(device)[0]
