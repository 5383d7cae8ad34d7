"""What a launch costs beside training: simulated trials a second, with MLflow behind and caught up.

    python -m benchmarks launcher_overhead

The trials are simulated (`suite/simulated.py`), so that all of a launch is its overhead: proposals,
records, storage, writing results, and MLflow. The share of a trial of one second is what a trial
costs in CPU time over the two seconds that two workers on two cores have for it.
"""

import tempfile
from pathlib import Path

from benchmarks.suite.figure import Figure, quick, repeated
from benchmarks.suite.simulated import simulated_launch

TRIALS, REPEATS = (60, 1) if quick() else (1_000, 3)


def main() -> list[Figure]:
    """Launch simulated studies and print the pace of the loop and of the log."""
    found = []
    for number in range(REPEATS):
        with tempfile.TemporaryDirectory() as scratch:
            found.append(simulated_launch(Path(scratch), f"overhead-{number}", TRIALS, mlflow=True))
        print(
            f"{TRIALS} trials: {TRIALS / found[-1].seconds:.0f} a second while MLflow is behind, "
            f"{TRIALS / found[-1].logged:.0f} with all of it logged; "
            f"{1000 * found[-1].cpu / TRIALS:.0f} ms of CPU time a trial",
            flush=True,
        )
    behind = [TRIALS / each.seconds for each in found]
    logged = [TRIALS / each.logged for each in found]
    share = [100 * each.cpu / TRIALS / 2 for each in found]
    return [
        repeated("simulated trials a second, MLflow behind", behind, "trials", at_least=50),
        repeated("simulated trials a second, MLflow caught up", logged, "trials", at_least=20),
        repeated("overhead of a trial of one second, two workers", share, "per cent", at_most=5),
    ]


if __name__ == "__main__":
    main()
