"""Trainings per hour of harness against a research script, plain Optuna and Ray Tune.

All train the same networks (same architecture, initial weights, data, epochs, batch size,
optimiser, schedule and learning rates), one for each learning rate, and their mean accuracy on test
stands beside their time. The pace counts from the first network of each worker to the last one, so
that start-up, which does not grow with a study, is left out; whole commands are timed as well. The
peers are those of benchmarks/peers; each is given what is fastest for it on this machine, found in
a short run first (threads of torch, workers of the data loader). The research script and plain
Optuna with one job run in one process, as such scripts do; plain Optuna with two jobs, Ray Tune and
harness use both cores. Commands take turns, so that what else runs disturbs all of them; ratios are
of neighbours in turn. harness does more in its time: it logs to MLflow, keeps all outputs, and
computes 10^6 threshold vectors where the peers try 400 (the script, Ray) or one (plain Optuna).
Ray needs an environment of its own, which `make bench` makes (benchmarks/peers).
"""

import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.suite.figure import Figure, quick, repeated
from harness.core.project import Project
from harness.data.load import ensure, load
from harness.data.prepare import read_split_indices
from harness.results.sealed import read_test

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "benchmarks" / "peers"
RAY = ROOT / ".venv-peers" / "bin" / "python"
MIRROR = Path(os.environ.get("HARNESS_DATA_MIRROR", ROOT.parent / "shared" / "data"))
STUDY = """
name: pace
split: {split}
backbone: {{name: {backbone}, parameters: {{widths: [8, 16, 32], exits: 3}}}}
training:
  {{epochs: {epochs}, batch_size: {batch}, limit: {limit}, learning_rate: {{values: {rates}}}}}
regimes: {{joint: {{}}}}
method: grid
run_cap: {trials}
"""


@dataclass(frozen=True)
class Job:
    """Networks to train: one for each of `trials` learning rates.

    Attributes
    ----------
    images
        Whether the data are Fashion-MNIST, which the script reads by torchvision.
    limit
        Training samples used; 0 is all of them.
    """

    name: str
    split: str
    backbone: str
    epochs: int
    batch: int
    trials: int
    repeats: int
    images: bool
    limit: int = 0

    @property
    def rates(self) -> list[float]:
        """The learning rates."""
        return [round(float(rate), 6) for rate in np.geomspace(0.002, 0.02, self.trials)]


@dataclass(frozen=True)
class Run:
    """One command: seconds from start to end, seconds a network, mean accuracy on test."""

    seconds: float
    each: float
    accuracy: float


def main() -> list[Figure]:
    """Print time and accuracy of each, and the ratios to harness."""
    figures = []
    for job in jobs(small=quick()):
        with tempfile.TemporaryDirectory() as folder:
            figures += compared(job, Path(folder))
    return figures


def jobs(*, small: bool) -> list[Job]:
    """Indian Pines, and Fashion-MNIST where a folder has its files."""
    spectra = Job(
        "Indian Pines", "indian_pines-spectrum-10", "spectral_cnn", epochs=20, batch=64,
        trials=16, repeats=3, images=False,
    )  # fmt: skip
    images = Job(
        "Fashion-MNIST", "fashion_mnist", "image_cnn", epochs=1, batch=128, trials=4, repeats=2,
        images=True,
    )  # fmt: skip
    found = [spectra, images] if (MIRROR / "FashionMNIST").is_dir() else [spectra]
    if small:
        limits = (0, 1000)  # of Fashion-MNIST's 50,000
        return [
            replace(job, epochs=1, trials=3, repeats=1, limit=limit)
            for job, limit in zip(found, limits, strict=False)
        ]
    return found


def compared(job: Job, folder: Path) -> list[Figure]:
    """Run the peers and harness in turn on one data set."""
    file = prepared(job, folder)
    commands = peers(job, file, folder)
    runs: dict[str, list[Run]] = {}
    for _ in range(job.repeats):
        for name, measure in commands.items():
            runs.setdefault(name, []).append(measure())
    print(f"{job.name}: {job.trials} networks, {job.epochs} epochs, {job.repeats} runs of each")
    print(f"  {'':44} trainings an hour  whole command      accuracy on test")
    for name, found in runs.items():
        each, seconds, accuracy = (
            statistics.median(getattr(one, field) for one in found)
            for field in ("each", "seconds", "accuracy")
        )
        print(f"  {name:44} {3600 / each:17,.0f}  {seconds:11.1f} s  {accuracy:19.4f}")
    return figures_of(job, runs)


def figures_of(job: Job, runs: Mapping[str, Sequence[Run]]) -> list[Figure]:
    """The ratios of each peer's time to that of harness on two workers."""
    ours = runs["harness, 2 workers"]
    figures = []
    for name, found in runs.items():
        if name == "harness, 2 workers":
            continue
        what = f"{job.name}: trainings an hour, harness on 2 workers over {name}"
        pairs = list(zip(found, ours, strict=True))
        least = 3.0 if name == "research script" else None
        pace = [peer.each / own.each for peer, own in pairs]
        figures.append(repeated(what, pace, "times", at_least=least))
        whole = [peer.seconds / own.seconds for peer, own in pairs]
        start = f"{what}, start-up and {job.trials} networks together"
        figures.append(repeated(start, whole, "times"))
    if not job.images and not RAY.exists():
        what = f"{job.name}: trainings an hour, harness on 2 workers over Ray Tune, 2 at once"
        figures.append(Figure(what, float("nan"), missing=f"no {RAY.relative_to(ROOT)}"))
    return figures


def prepared(job: Job, folder: Path) -> Path:
    """The project of harness in a folder, and the file of the same data that peers read."""
    project = Project(folder)
    shutil.copy(ROOT / "params.yaml", project.splits)
    ensure(project, job.split, MIRROR if MIRROR.is_dir() else None, lambda *_: None)
    split = load(project, job.split)
    file = folder / "data.npz"
    if split.standardisation is not None:
        indices = read_split_indices(project.prepared, job.split)
        np.savez(
            file,
            train=indices.train[: job.limit or None],
            validation=indices.validation,
            mean=split.standardisation.mean[0] / 255,
            deviation=split.standardisation.deviation[0] / 255,
        )
        return file
    inputs = {f"{name}_inputs": part.inputs for name, part in split.parts.items()}
    labels = {f"{name}_labels": part.labels for name, part in split.parts.items()}
    np.savez(file, classes=len(split.classes), **inputs, **labels)
    return file


def peers(job: Job, file: Path, folder: Path) -> dict[str, Callable[[], Run]]:
    """What is timed, by its name, in the order of its turns."""
    recipe = ["--epochs", str(job.epochs), "--batch", str(job.batch)]
    rates = ["--rates", *map(str, job.rates)]
    images = ["--images", str(MIRROR)] if job.images else []
    script = [sys.executable, str(PEERS / "research_script.py"), str(file), *recipe, *images]
    best = fastest(script, job, folder)
    print(f"{job.name}, the research script is fastest with {' '.join(best)}")
    found: dict[str, Callable[[], Run]] = {
        "harness, 2 workers": lambda: harness(job, folder),
        "research script": lambda: peer([*script, *best, *rates], folder),
    }
    if job.images:
        return found
    optuna = [sys.executable, str(PEERS / "plain_optuna.py"), str(file), *recipe, *rates]
    for jobs in ("1", "2"):
        command = [*optuna, "--jobs", jobs]
        found[f"plain Optuna, n_jobs={jobs}"] = functools.partial(
            peer, command, folder, workers=int(jobs)
        )
    if RAY.exists():
        ray = [str(RAY), str(PEERS / "ray_tune.py"), str(file), *recipe, *rates]
        found["Ray Tune, 2 at once"] = lambda: peer(ray, folder, workers=2)
    return found


def fastest(script: Sequence[str], job: Job, folder: Path) -> list[str]:
    """The threads and data loader's workers with which the script is fastest here."""
    choices = [
        ["--workers", str(workers), "--threads", str(threads)]
        for workers in (0, 1, 2)
        for threads in (1, 2)
    ]
    if quick():
        return choices[0]
    few = ["--rates", *map(str, job.rates[: 1 if job.images else 2])]
    times = [peer([*script, *choice, *few], folder).seconds for choice in choices]
    for choice, seconds in zip(choices, times, strict=True):
        print(f"{job.name}, research script {' '.join(choice)}: {seconds:.1f} s for a few networks")
    return choices[int(np.argmin(times))]


def peer(command: Sequence[str], folder: Path, workers: int = 1) -> Run:
    """One run of a peer, which prints a line of JSON for each network."""
    seconds, output = timed(command, folder)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    each = pace([line["finished"] for line in lines], workers)
    return Run(seconds, each, statistics.mean(line["accuracy"] for line in lines))


def pace(finished: Sequence[float], workers: int) -> float:
    """Seconds a network, from the first one of each worker to the last."""
    times = sorted(finished)
    rest = len(times) - workers
    return (times[-1] - times[workers - 1]) / rest if rest else float("nan")


def harness(job: Job, folder: Path) -> Run:
    """One launch of harness on two workers, in a project that has no results yet."""
    project = Project(folder)
    shutil.rmtree(project.results, ignore_errors=True)
    file = folder / "pace.yaml"
    settings = {
        "split": job.split, "backbone": job.backbone, "epochs": job.epochs, "batch": job.batch,
        "limit": job.limit,
    }  # fmt: skip
    file.write_text(STUDY.format(**settings, rates=job.rates, trials=job.trials))
    command = [sys.executable, "-m", "harness", "launch", str(file), "--workers", "2"]
    seconds, _ = timed([*command, "--device", "cpu"], folder)
    study = project.results / "pace"
    keys = [path.name for path in (study / "trials").iterdir() if path.name[0] != "."]
    if len(keys) != job.trials:
        raise SystemExit(f"harness trained {len(keys)} networks, asked {job.trials}")
    finished = [(study / "trials" / key / "test.npz").stat().st_mtime for key in keys]
    tests = [read_test(study, key) for key in keys]
    last = [(test.values[-1].argmax(-1) == test.labels).mean() for test in tests]
    return Run(seconds, pace(finished, 2), float(np.mean(last)))


def timed(command: Sequence[str], folder: Path) -> tuple[float, str]:
    """Seconds of a command from start to end, and what it printed; a failure ends the benchmark."""
    # Threads are the command's own choice.
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env={**environment, "PYTHONPATH": path}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return seconds, done.stdout


if __name__ == "__main__":
    main()
