"""Ray Tune around the research script, as its documentation has it: a trainable and a `Tuner`.

.venv-peers/bin/python benchmarks/peers/ray_tune.py spectra.npz --rates 0.002 0.02 --jobs 2
"""

import argparse
import json
import tempfile
import time

import numpy as np
import ray
from ray import tune

from benchmarks.peers.research_script import outputs, spectra, sweep, train_network


def trainable(config, file, widths, epochs, batch):
    """Train one network and report it; Ray gives it one core, and torch one thread."""
    read = spectra(file)
    model = train_network(read, widths, config["rate"], epochs, batch)
    costs = np.linspace(1 / len(widths), 1, len(widths))
    points = sweep(*outputs(model, read[0]["validation"]), costs)
    _, correct = outputs(model, read[0]["test"])
    tune.report(
        {"accuracy": float(correct[-1].mean()), "points": len(points), "finished": time.time()}
    )


def main() -> None:
    """Train a network for each learning rate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--widths", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--rates", type=float, nargs="+", default=[0.005])
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    ray.init(num_cpus=given.jobs, include_dashboard=False, log_to_driver=False)
    settings = {"widths": tuple(given.widths), "epochs": given.epochs, "batch": given.batch}
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            tune.with_parameters(trainable, file=given.file, **settings),
            param_space={"rate": tune.grid_search(given.rates)},
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )
        results = tuner.fit()
    for result in results:
        if result.metrics is None or "accuracy" not in result.metrics:
            raise SystemExit(f"a trial of Ray failed: {result.error}")
        found = {name: result.metrics[name] for name in ("accuracy", "finished")}
        print(json.dumps({"rate": result.config["rate"], **found}), flush=True)


if __name__ == "__main__":
    main()
