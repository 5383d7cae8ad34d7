"""Measured speed of operating points: latency, and throughput with batch compaction."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.project import Project
from harness.core.types import Split
from harness.data.load import load
from harness.frontier.operating_point import OperatingPoint, Wanted, choose
from harness.policies import ExitPolicy, policy_of
from harness.policies.predictions import apply_policy
from harness.policies.routing import route
from harness.results import trials
from harness.results.cleaning import check_weights_kept
from harness.results.study_record import read_finished
from harness.results.tables import read_frontier, score_column
from harness.results.trained_here import check_trained_here
from harness.timing.compaction import Throughput, throughput
from harness.timing.latency import exit_latencies
from harness.training.model import trained_model


@dataclass(frozen=True)
class Speed:
    """Measured speed of an operating point, on one device and the validation part.

    Attributes
    ----------
    latency, static_latency
        Mean seconds per sample, run one by one: of the operating point, and of the full static
        network of the same backbone.
    throughput
        Samples per second in batches: with compaction, with every exit computed, and of the
        full static network.
    """

    latency: float
    static_latency: float
    throughput: Throughput


def measure_speed(
    study_folder: Path,
    point: OperatingPoint,
    policy: ExitPolicy,
    split: Split,
    batch: int,
    device: str = "cpu",
) -> Speed:
    """Measure the speed of an operating point, on its trained network.

    Parameters
    ----------
    device
        As torch names it; of the CPU one thread.

    Raises
    ------
    InputError
        The trial is damaged.
    """
    check_weights_kept(study_folder, point.key)
    result = trials.read_trial(study_folder, point.key)
    inputs = split.standardised(split.validation.inputs)
    model = trained_model(study_folder, result.spec, split.shape).to(device)
    predictions = apply_policy(policy, result.validation, result.fitting)
    exits = route(predictions.confidence, np.array(point.thresholds))
    latencies = exit_latencies(model, inputs, task=split.task)
    return Speed(
        latency=float(latencies.leaving[exits].mean()),
        static_latency=float(latencies.static[-1]),
        throughput=throughput(model, inputs, exits, batch, task=split.task),
    )


def speed_table(
    project: Project,
    folder: Path,
    batch: int,
    device: str = "cpu",
    watch: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Measured speed of each regime's early-exit network at the knee of its frontier.

    Columns: regime, validation_accuracy (or validation_r2), relative_macs, latency_ms,
    relative_latency, samples_per_second, speedup (throughput against the full static network) and
    simulated (the same where every exit is computed on all samples).

    Parameters
    ----------
    batch
        Samples per batch.
    device
        Where the networks run, as torch names it.
    watch
        Called with the name of each regime after its measurement.

    Raises
    ------
    InputError
        The frontier stage has not run, a trial is damaged, samples are nodes of a graph, or the
        study was imported.
    """
    record = read_finished(folder)
    check_trained_here(record, "a measurement of speed")
    frame = read_frontier(folder)
    frame = frame[frame["static_exit"] == 0]
    split, policy = load(project, record.spec.split), policy_of(record.spec.policy)
    score = score_column(frame)
    rows = []
    for regime in sorted(set(frame["regime"])):
        point = choose(frame, Wanted(regime=regime, aim="knee"), record.reference.score)
        found = measure_speed(folder, point, policy, split, batch, device)
        rows.append(
            {
                "regime": regime,
                score: point.measured[score],
                "relative_macs": point.measured["validation_cost"],
                "latency_ms": 1e3 * found.latency,
                "relative_latency": found.latency / found.static_latency,
                "samples_per_second": round(found.throughput.compacted),
                "speedup": found.throughput.compacted / found.throughput.static,
                "simulated": found.throughput.every_exit / found.throughput.static,
            }
        )
        watch(regime)
    return pd.DataFrame(rows)
