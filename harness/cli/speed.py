"""`harness speed`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing


def speed(
    study: options.StudyName,
    batch: Annotated[int, typer.Option(min=1, help="Samples that enter together.")] = 256,
    as_json: options.AsJson = False,
) -> None:
    """Time the early-exit network at each regime's knee: one by one, and in batches.

    Samples that leave are dropped from their batch before the next stage runs. `speedup` is the
    throughput against the full static network; `simulated` is what early exit gives when every
    exit is computed anyway.

    Examples
    --------
        harness speed quickstart

        harness speed fashion_mnist --batch 1000 --json
    """
    from harness.cli.progress import StepBar
    from harness.results.study_record import read_finished
    from harness.results.tables import read_frontier, records
    from harness.timing.speed import speed_table

    folder = locate.study_folder(study)
    record = read_finished(folder)
    with StepBar(record.name, read_frontier(folder)["regime"].nunique()) as bar:
        table = speed_table(locate.current_project(), folder, batch, bar.step)
    printing.print_rows(f"{record.name}: measured speed, one thread", records(table), as_json)
