"""Plain Optuna around the research script, with the exits' thresholds as parameters of the search.

    python benchmarks/peers/plain_optuna.py spectra.npz --rates 0.002 0.02 --jobs 2

Each trial trains a network and evaluates it at the one vector of thresholds that Optuna suggests.
The learning rates are enqueued, so that all peers train the same networks.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence

import numpy as np
import optuna
import torch

from benchmarks.peers.research_script import early_exit, outputs, spectra, train_network

Evaluate = Callable[[Sequence[float]], tuple[float, float]]
"""Accuracy and cost on validation at thresholds."""


def search(
    train: Callable[[optuna.Trial], Evaluate], study: optuna.Study, trials: int, jobs: int = 1
) -> None:
    """Search parameters and two thresholds for accuracy and cost; `train` suggests the former."""

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        thresholds = [trial.suggest_float(f"threshold_{e}", 0.3, 1.0) for e in (1, 2)]
        return train(trial)(thresholds)

    study.optimize(objective, n_trials=trials, n_jobs=jobs)


def main() -> None:
    """Train a network for each learning rate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--widths", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--rates", type=float, nargs="+", default=[0.005])
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)  # faster for networks this small, and jobs share the cores
    costs = np.linspace(1 / len(given.widths), 1, len(given.widths))
    read = spectra(given.file)

    def train(trial: optuna.Trial) -> Evaluate:
        rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
        model = train_network(read, tuple(given.widths), rate, given.epochs, given.batch)
        confidence, correct = outputs(model, read[0]["validation"])
        _, test = outputs(model, read[0]["test"])
        line = {"rate": rate, "accuracy": float(test[-1].mean()), "finished": time.time()}
        print(json.dumps(line), flush=True)
        return lambda thresholds: early_exit(confidence, correct, costs, thresholds)

    study = optuna.create_study(directions=["maximize", "minimize"])
    for rate in given.rates:
        study.enqueue_trial({"rate": rate})
    search(train, study, len(given.rates), given.jobs)


if __name__ == "__main__":
    main()
