"""`harness speed`."""

from typing import Annotated

import typer

from harness.cli import options


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
    from harness.cli.progress import StepProgress  # noqa: PLC0415
    from harness.data.load import load  # noqa: PLC0415
    from harness.export.point import Wanted, choose  # noqa: PLC0415
    from harness.export.speed import measure_speed  # noqa: PLC0415
    from harness.report.evaluation import of_study  # noqa: PLC0415
    from harness.report.stage import finished_record  # noqa: PLC0415
    from harness.results.tables import read_frontier  # noqa: PLC0415

    folder = options.study_folder(study)
    record = finished_record(folder)
    frame = read_frontier(folder)
    frame = frame[frame["static_exit"] == 0]
    split = load(options.places(), record.split)
    policy = of_study(record).policy
    regimes = sorted(set(frame["regime"]))
    rows: list[dict[str, object]] = []
    with StepProgress(record.name, len(regimes)) as bar:
        for regime in regimes:
            point = choose(frame, Wanted(regime=regime), record.reference.accuracy)
            found = measure_speed(folder, point, policy, split, batch)
            rates = found.throughput
            rows.append(
                {
                    "regime": regime,
                    "validation_accuracy": point.measured["validation_accuracy"],
                    "relative_macs": point.measured["validation_cost"],
                    "latency_ms": 1e3 * found.latency,
                    "relative_latency": found.latency / found.static_latency,
                    "samples_per_second": round(rates.compacted),
                    "speedup": rates.compacted / rates.static,
                    "simulated": rates.every_exit / rates.static,
                }
            )
            bar.step(regime)
    options.print_rows(f"{record.name}: measured speed, one thread", rows, as_json)
