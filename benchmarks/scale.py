"""How commands cope with a study of many trials: seconds and memory of each.

    python benchmarks/scale.py [--trials 2000 20000] [--folder DIR]

The trials are simulated (`simulated_trials.py`): results of 100 samples, written by the real
launcher and the real writer at full speed. Commands are processes of their own, as a user starts
them; memory is the most that one of them held. A folder that is given is kept, and used again.
"""

import argparse
from pathlib import Path

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "studies" / "quickstart.yaml"
NAME = "scale"
COMMANDS = {
    "status": ("status",),
    "frontier, the first time": ("frontier", NAME, "--no-publish"),
    "frontier, again": ("frontier", NAME, "--no-publish"),
    "compare": ("compare", NAME),
    "report": ("report", NAME, "--no-publish"),
}
LIMITS = {"status": 2.0, "frontier, again": 10.0, "compare": 5.0, "report": 30.0, "resume": 10.0}
"""Seconds that are wanted at 20,000 trials."""


def main() -> None:
    """Measure every command at each number of trials, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    for trials in given.trials:
        with _folder(given.folder, trials) as folder:
            for name, value in measured(folder, trials):
                print(f"{trials:6d} trials: {name}: {value}", flush=True)
