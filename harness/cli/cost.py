"""Options that say what a sample's cost is, and where it is measured."""

from typing import Annotated

import typer

from harness.core.budgets import CostName

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
