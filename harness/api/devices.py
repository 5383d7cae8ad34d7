"""Where to train and where to measure time, from a device as users write it."""

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from harness.core.budgets import CostName
from harness.core.errors import InputError
from harness.core.trial_spec import Device

if TYPE_CHECKING:
    from harness.study.slots import Slot

_TIMED: tuple[CostName, ...] = ("latency", "throughput")


def timed_on(device: str | None, axis: CostName = "latency") -> str:
    """The one device, as torch names it, on which a cost axis is measured.

    Parameters
    ----------
    device
        As the user wrote it: cpu, cuda, cuda:1 or mps; None for the CPU.

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


def slots_of(workers: int | None, device: str, per_device: int, folder: Path) -> "tuple[Slot, ...]":
    """The slots to train on, one for each worker process.

    Parameters
    ----------
    workers
        None for one on the CPU, and `per_device` on each accelerator.
    device
        auto (what the study was begun on, else accelerators, else the CPU), cpu, cuda, cuda:0,1 or
        mps.
    per_device
        Most workers at once on each accelerator.
    folder
        Of the study: what was begun on one kind of device goes on with it.

    Raises
    ------
    InputError
        There is no such device, or more workers are asked for than may share the accelerators.
    """
    from harness.study.slots import make_slots
    from harness.training.devices import find_devices

    found = find_devices(_begun_on(folder) if device == "auto" else device)
    return make_slots(found, workers, per_device)


def _begun_on(folder: Path) -> str:
    """Kind of the device that a stored study is trained on; `auto` where none can be read."""
    from harness.results.study_record import read_header

    try:
        return read_header(folder).device
    except InputError:
        return "auto"
