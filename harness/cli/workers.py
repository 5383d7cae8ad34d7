"""Options that say where a launch trains, and the slots that they ask for."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import printing
from harness.cli.cluster import ClusterOptions, profile_of, say_where
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.study.executors.profile import Profile
    from harness.study.slots import Slot

Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes that train, one CPU thread each. Default: 1 on the CPU, and --per-device "
        "on each accelerator.",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        help="Where to train: auto (what the study was begun on, else accelerators, else the CPU), "
        "cpu, cuda, cuda:0,1 or mps.",
        metavar="DEVICE",
    ),
]
PerDevice = Annotated[
    int, typer.Option(min=1, help="Most workers at once on each accelerator; they share it.")
]


@dataclass(frozen=True)
class Place:
    """Where a launch trains: its slots, and whose they are (None: this machine's processes)."""

    slots: "tuple[Slot, ...]"
    cluster: "Profile | None" = None


def place_of(
    workers: int | None, device: str, per_device: int, asked: ClusterOptions, folder: Path
) -> Place:
    """The place that the options ask for; says which it is.

    Parameters
    ----------
    folder
        Of the study: what was begun on one kind of device goes on with it.
    """
    from harness.study.workplace import cluster_slots

    profile = profile_of(asked, workers, device)
    if profile is None:
        return Place(_on_this_machine(workers, device, per_device, folder))
    if per_device > 1:
        raise InputError("--per-device: of this machine's; start more Dask workers on a device")
    say_where(profile)
    return Place(cluster_slots(profile), profile)


def _on_this_machine(
    workers: int | None, device: str, per_device: int, folder: Path
) -> "tuple[Slot, ...]":
    """The slots that the options ask for; says on which devices they are."""
    from harness.api.devices import slots_of
    from harness.training.devices import device_name

    slots = slots_of(workers, device, per_device, folder)
    counts = Counter(slot.device for slot in slots)
    each = (
        f"{count} on {name}" + (f" ({device_name(name)})" if name.startswith("cuda") else "")
        for name, count in counts.items()
    )
    printing.print_notes([f"workers: {', '.join(each)}"])
    return slots
