"""Slots: the devices and threads that workers train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import get_args

from harness.core.errors import InputError
from harness.core.trial_spec import Device

KINDS: tuple[Device, ...] = get_args(Device)


@dataclass(frozen=True)
class Slot:
    """Where one worker trains.

    Attributes
    ----------
    device
        As torch names it: `cpu`, `cuda:1`, `mps`.
    threads
        Of the CPU.
    """

    device: str = "cpu"
    threads: int = 1

    @property
    def kind(self) -> Device:
        """Kind of the device, which is part of a trial's key."""
        return kind_of(self.device)


CPU = Slot()


def kind_of(device: str) -> Device:
    """Kind of a device: `cuda` of `cuda:1`; raises InputError where it is of no known kind."""
    for kind in KINDS:
        if device.partition(":")[0] == kind:
            return kind
    raise InputError(f"device: one of {', '.join(KINDS)}, found {device!r}")


def make_slots(devices: Sequence[str], workers: int | None, per_device: int) -> tuple[Slot, ...]:
    """Slots on some devices, in turn.

    Parameters
    ----------
    devices
        At least one, all of one kind.
    workers
        Number of slots; None takes `per_device` on each device.
    per_device
        Most slots on one accelerator. Any number fit on the CPU.

    Raises
    ------
    InputError
        There are more workers than that.

    Examples
    --------
    >>> [slot.device for slot in make_slots(("cuda:0", "cuda:1"), 3, per_device=2)]
    ['cuda:0', 'cuda:1', 'cuda:0']
    """
    most = per_device * len(devices)
    if workers is not None and workers > most and kind_of(devices[0]) != "cpu":
        raise InputError(
            f"--workers {workers}: at most {most}, {per_device} on each of {', '.join(devices)}; "
            "raise --per-device for more"
        )
    return tuple(map(Slot, islice(cycle(devices), workers or most)))
