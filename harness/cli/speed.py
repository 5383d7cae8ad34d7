"""`harness speed`."""

from typing import Annotated

import typer

from harness.cli import cost as costs
from harness.cli import locate, options, printing


def speed(
    study: options.StudyName,
    batch: Annotated[int, typer.Option(min=1, help="Samples per batch.")] = 256,
    device: costs.TimedOn = None,
    as_json: options.AsJson = False,
) -> None:
    """Measure latency and throughput of early exit at each regime's knee, on this machine.

    Samples that leave are dropped from their batch before the next stage runs. `speedup` is the
    throughput relative to the full static network; `simulated` that of early exit where every exit
    is computed for every sample all the same.

    Examples
    --------
        harness speed quickstart

        harness speed fashion_mnist --batch 1000 --json

        harness speed fashion_mnist --device cuda
    """
    folder = locate.study_folder(study)
    from harness.api.devices import timed_on
    from harness.cli.progress import StepBar
    from harness.results.study_record import read_finished
    from harness.results.tables import read_frontier, records
    from harness.timing.speed import speed_table
    from harness.training.devices import device_name

    place = timed_on(device)
    record = read_finished(folder)
    with StepBar(record.name, read_frontier(folder)["regime"].nunique()) as bar:
        table = speed_table(locate.current_project(), folder, batch, place, bar.step)
    where = "one thread" if place == "cpu" else device_name(place)
    printing.print_rows(f"{record.name}: measured speed, {where}", records(table), as_json)
