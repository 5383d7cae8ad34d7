"""Frontiers per seed, and their test hypervolumes under resampling of the test samples.

Part of the frontier stage: thresholds are those that validation chose, per seed; none is chosen
on a resample.
"""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from harness.analysis.chosen_points import threshold_vectors
from harness.analysis.evaluation import Evaluation
from harness.analysis.frontiers import evaluate_on_test, frontiers_of
from harness.core.types import Floats, Ints
from harness.frontier.staircase import area, staircase
from harness.policies.predictions import ExitPredictions
from harness.policies.routing import route
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord
from harness.results.tables import cost_and_score

REPLICATES = 1000
STEP = 2.0**-20
"""Replicates are kept in multiples of it, a millionth: far below their spread, and a fifth as long.
"""
_RESAMPLING_SEED = 0
WITHIN = ("regime", "seed")
BLOCK = 256
"""Points at once: bounds the memory at so many times N."""

Counts: TypeAlias = npt.NDArray[np.float32]


def seed_frontiers(
    folder: Path, record: StudyRecord, points: pd.DataFrame, evaluation: Evaluation
) -> pd.DataFrame:
    """The frontier of each regime and seed over that seed's trials, evaluated on test.

    Columns are those of the study's frontier; `test_dominated` is within regime and seed.

    Parameters
    ----------
    points
        As `harness.analysis.frontiers.validation_points` makes them.
    """
    return evaluate_on_test(folder, record, frontiers_of(points, WITHIN), evaluation, WITHIN)


def hypervolumes(
    folder: Path,
    record: StudyRecord,
    seeds: pd.DataFrame,
    evaluation: Evaluation,
    tested: Mapping[int, Ints] | None = None,
) -> pd.DataFrame:
    """Test hypervolume of each seed's frontier, on its test part and on resamples of it.

    Parameters
    ----------
    seeds
        As `seed_frontiers` makes them.
    tested
        Which samples of the data set each seed is tested on; None where all seeds share one split.

    Returns
    -------
    Columns regime, seed, replicate, hypervolume. Replicate 0 is the test part as it is. Replicates
    1 to 1000 draw as many samples with replacement as any seed is tested on, always the same ones,
    of which each seed counts those of its own test part: replicate b of every regime and seed of a
    study is of the same samples, so that differences are paired, and what seeds share of their test
    parts varies together. The points and their budgets are those that validation chose, in all
    replicates. Replicates 1 to 1000 are rounded to STEP.
    """
    if tested is None:
        every = np.arange(len(read_test(folder, str(seeds["key"].iloc[0])).labels))
        tested = dict.fromkeys(seeds["seed"].unique().tolist(), every)
    pool = np.unique(np.concatenate(list(tested.values())))
    parts = []
    for (regime, seed), rows in seeds.groupby(list(WITHIN)):
        places = np.searchsorted(pool, tested[int(str(seed))])
        networks = [points for _, points in rows.groupby("key")]
        judged = [_replicates(folder, n, evaluation, places, len(pool)) for n in networks]
        chosen = cost_and_score(pd.concat(networks))
        steps = staircase(*chosen, np.concatenate(judged, axis=-1))
        areas = area(steps, record.reference.score)
        areas[1:] = np.round(areas[1:] / STEP) * STEP
        names = {"regime": regime, "seed": seed, "replicate": range(len(areas))}
        parts.append(pd.DataFrame({**names, "hypervolume": areas}))
    return pd.concat(parts, ignore_index=True)


@functools.lru_cache(maxsize=1)
def resamples(samples: int) -> Counts:
    """How often each of N samples is drawn in each resample: float32 [B, N], rows that sum to N."""
    generator = np.random.default_rng(_RESAMPLING_SEED)
    counts = np.empty((REPLICATES, samples), dtype=np.float32)
    for row in counts:
        row[:] = np.bincount(generator.integers(samples, size=samples), minlength=samples)
    counts.flags.writeable = False
    return counts


def resampled_means(values: Sequence[Floats], places: Sequence[Ints], pool: int) -> Floats:
    """Means of samples' values, and the same on resamples of the pool that they are of: [S, 1 + B].

    Parameters
    ----------
    values
        S of [N]: values of the samples of some test parts.
    places
        S of [N]: where each sample lies in the pool.
    pool
        Number of samples that resamples are drawn from.
    """
    found = np.zeros((2, pool, len(values)), dtype=np.float32)
    for column, (each, place) in enumerate(zip(values, places, strict=True)):
        found[0, place, column], found[1, place, column] = each, 1
    weights = resamples(pool)
    resampled = (weights @ found[0] / (weights @ found[1])).astype(np.float64)
    return np.column_stack([[each.mean() for each in values], resampled.T])


def _replicates(
    folder: Path, rows: pd.DataFrame, evaluation: Evaluation, places: Ints, pool: int
) -> Floats:
    """Score [1 + B, F] of one network's points: on the test part, and on each resample of it."""
    key = str(rows["key"].iloc[0])
    result = trials.read_trial(folder, key)
    predictions = evaluation.predict(result, read_test(folder, key))
    vectors = threshold_vectors(rows, len(predictions.confidence))
    blocks = np.array_split(vectors, -(-len(vectors) // BLOCK))
    weights = resamples(pool)
    drawn = weights @ np.bincount(places, minlength=pool).astype(np.float32)
    resampled = [_drawn_scores(predictions, block, places, weights) for block in blocks]
    found = cost_and_score(rows, "test")[1]
    every = np.concatenate(resampled, axis=-1) / drawn[:, None]
    return np.concatenate([found[None], every.astype(np.float64)])


def _drawn_scores(
    predictions: ExitPredictions, vectors: Floats, places: Ints, weights: Counts
) -> Counts:
    """Sums [B, F] of the scores of the samples drawn, of threshold vectors [F, E-1]."""
    exits = np.stack([route(predictions.confidence, vector) for vector in vectors])
    score = np.zeros((weights.shape[1], len(vectors)), dtype=np.float32)
    # Single precision: counts of correct predictions are exact in it, and it takes half the time.
    score[places] = predictions.score[exits, np.arange(exits.shape[1])].T
    sums: Counts = weights @ score
    return sums
