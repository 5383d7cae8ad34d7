"""Trainings until harness's test hypervolume is that of plain Optuna, thresholds as parameters.

Both search the same space (learning rate, gate, its strength, slope and threshold of `soft_cgt`)
for the same network on the same split of Indian Pines, with the same seed of training, by Optuna's
TPE; each training is a real one, by the same code. Plain Optuna (benchmarks/peers/plain_optuna.py)
searches the two exit thresholds too, as parameters, and maximises accuracy and minimises cost: one
operating point for each training. harness is launched as it is, with its window of 8 proposals: its
objectives are those of its studies, and of each network it keeps all non-dominated threshold
vectors. Then both are judged alike: of the points known after n trainings the best within each
budget is chosen on validation, and the area under these choices on test is the test hypervolume
(docs/methods.md, "Indices"). Nothing is chosen on test, and no training is repeated or shared.

So that nobody takes the effect of the table for one of the search, a third curve gives plain
Optuna's own networks the exact table after the fact: what a user of plain Optuna would get who kept
all outputs. Seeds are independent searches: of the sampler on one side, of the study's name on the
other; they share nothing that a pair could be made of but the split.
"""

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from scipy.stats import ttest_ind

from benchmarks.suite.figure import Figure, out_folder, quick, repeated
from harness.core.project import Project
from harness.core.types import ExitLogits, Floats
from harness.data.load import ensure, load
from harness.frontier.evaluate import evaluate
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.staircase import area, staircase
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predictions import apply_policy
from harness.regimes.soft_cgt import SoftCGT
from harness.results.sealed import read_test
from harness.results.study_record import read_study_record
from harness.results.trials import read_trial
from harness.study.run import LaunchOptions, run_study
from harness.study.slots import CPU
from harness.study.study_file import study_of
from harness.tracking.store import Store
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

ROOT = Path(__file__).parents[1]
SPLIT = "indian_pines-spectrum-10"
BACKBONE = SpectralCNN(widths=(8, 16, 32), exits=3)
SEEDS = 2 if quick() else 6
PLAIN = 6 if quick() else 100
OURS = 4 if quick() else 40
EPOCHS = 1 if quick() else 10
SHARE = 5
"""The target: harness needs at most one training for so many of plain Optuna."""


@dataclass(frozen=True)
class Network:
    """Outputs of one training on validation and test."""

    validation: ExitLogits
    test: ExitLogits


@dataclass(frozen=True)
class Points:
    """Operating points: cost and score on validation, score on test, all [P]."""

    cost: Floats
    score: Floats
    judged: Floats


def main() -> list[Figure]:
    """Print hypervolumes by the number of trainings, draw them, and return the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        shutil.copy(ROOT / "params.yaml", project.splits)
        ensure(project, SPLIT, None, lambda *_: None)
        ours = np.array([harness_curve(project, seed) for seed in range(SEEDS)])
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            both = list(pool.map(plain_curves, [folder] * SEEDS, range(SEEDS)))
    plain, table = (np.array(curves) for curves in zip(*both, strict=True))
    curves = {
        "harness": ours,
        "plain Optuna, thresholds as parameters": plain,
        "plain Optuna's networks, exact table afterwards": table,
    }
    print(f"{SPLIT}, {EPOCHS} epochs, {SEEDS} searches of each: test hypervolume, mean of searches")
    marks = sorted({min(n, PLAIN) for n in (1, 2, 5, 10, OURS // 2, OURS, 50, PLAIN)})
    print(f"  {'trainings':48}", *(f"{n:7}" for n in marks))
    for name, found in curves.items():
        means = [f"{found[:, n - 1].mean():7.4f}" if n <= found.shape[1] else "" for n in marks]
        print(f"  {name:48}", *means)
    draw(curves)
    return figures(ours, plain, table)


def figures(ours: Floats, plain: Floats, table: Floats) -> list[Figure]:
    """Trainings needed, and the hypervolumes at the target's share of them."""
    goal = float(plain[:, -1].mean())
    few = min(PLAIN // SHARE, OURS)
    own, its = ours[:, few - 1], plain[:, -1]
    difference = ttest_ind(own, its, equal_var=False).confidence_interval()
    of = f"95 % interval, {len(own)} searches of each"
    needed = [trainings_to(curve, goal) / PLAIN for curve in ours]
    return [
        repeated(
            "share of plain Optuna's trainings that harness needs for its test hypervolume",
            needed, at_most=1 / SHARE,
        ),
        Figure(
            f"test hypervolume: harness after {few} trainings minus plain Optuna after {PLAIN}",
            float(own.mean() - its.mean()), spread=(difference.low, difference.high), of=of,
            at_least=0.0,
        ),
        repeated(
            "share of its own trainings that plain Optuna's networks need with the exact table",
            [trainings_to(curve, goal) / PLAIN for curve in table],
        ),
    ]  # fmt: skip


def trainings_to(curve: Floats, goal: float) -> int:
    """Number of trainings after which a curve stays at `goal` or above; its length + 1 if never."""
    below = np.flatnonzero(curve < goal)
    return 1 + (int(below[-1]) + 1 if len(below) else 0)


def harness_curve(project: Project, seed: int) -> Floats:
    """Test hypervolume after each training of a launch of harness: [OURS]."""
    study = study_of(STUDY | {"name": f"search-{seed}"}, "the benchmark's study")
    manifest = ensure(project, SPLIT, None, lambda *_: None)
    store = Store(project.tracking_uri, project.artifacts)
    done = run_study(project, study, manifest, LaunchOptions((CPU, CPU)), store, lambda _: None)
    if done.record.state != "done":
        raise SystemExit(f"the launch of {study.name} ended: {done.record.state}")
    folder = project.results / study.name
    keys = [each.keys[0] for each in read_study_record(folder).configurations]
    found = [Network(read_trial(folder, key).validation, read_test(folder, key)) for key in keys]
    floor = majority(found[0].validation)
    return curve([table_points(network) for network in found], floor)


STUDY: dict[str, object] = {
    "split": SPLIT,
    "backbone": {"name": "spectral_cnn", "parameters": {"widths": [8, 16, 32], "exits": 3}},
    "training": {
        "epochs": EPOCHS,
        "batch_size": 64,
        "learning_rate": {"min": 0.001, "max": 0.03, "distribution": "log_uniform_values"},
    },
    "regimes": {
        "soft_cgt": {
            "h": {"values": ["identity", "logistic"]},
            "beta": {"min": 0.0, "max": 1.0},
            "kappa": {"min": 1.0, "max": 30.0, "distribution": "log_uniform_values"},
            "tau": {"min": 0.5, "max": 0.99},
        }
    },
    "run_cap": OURS,
}


def plain_curves(folder: str, seed: int) -> tuple[Floats, Floats]:
    """Plain Optuna's test hypervolumes [PLAIN]; the same networks' with all threshold vectors."""
    import optuna

    from benchmarks.peers.plain_optuna import Evaluate, search

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    split = load(Project(Path(folder)), SPLIT)
    networks: list[Network] = []

    def trained(trial: optuna.Trial) -> Evaluate:
        rate = trial.suggest_float("learning_rate", 0.001, 0.03, log=True)
        regime = SoftCGT(
            h=trial.suggest_categorical("h", ["identity", "logistic"]),
            beta=trial.suggest_float("beta", 0.0, 1.0),
            kappa=trial.suggest_float("kappa", 1.0, 30.0, log=True),
            tau=trial.suggest_float("tau", 0.5, 0.99),
        )
        seed_everything(0)
        classes = len(split.classes)
        network = build_network(BACKBONE, split.shape.inputs, classes)
        model = ExitModel(network, regime, classes)
        parts = {name: DevicePart.of(part) for name, part in split.parts.items()}
        options = TrainingOptions(epochs=EPOCHS, batch_size=64, learning_rate=rate)
        train(model, parts["train"], parts["validation"], options, 0)
        outputs = (exit_logits(model, parts[name]) for name in ("validation", "test"))
        networks.append(found := Network(*outputs))

        def at(thresholds: Sequence[float]) -> tuple[float, float]:
            points = points_at(found, np.array([thresholds]))
            return float(points.score[0]), float(points.cost[0])

        return at

    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=optuna.samplers.TPESampler(seed=seed)
    )
    search(trained, study, PLAIN)
    chosen = [[each.params[f"threshold_{e}"] for e in (1, 2)] for each in study.get_trials()]
    single = [points_at(each, np.array([at])) for each, at in zip(networks, chosen, strict=True)]
    floor = majority(networks[0].validation)
    return curve(single, floor), curve([table_points(network) for network in networks], floor)


def table_points(network: Network) -> Points:
    """All non-dominated threshold vectors of a network on validation."""
    predictions = apply_policy(MaxSoftmax(), network.validation, network.validation)
    return points_at(network, ExactTable().select(predictions, costs()))


def points_at(network: Network, vectors: Floats) -> Points:
    """Operating points of a network at threshold vectors [P, E-1]."""
    score, cost = _evaluated(network.validation, vectors)
    judged, _ = _evaluated(network.test, vectors)
    return Points(cost, score, judged)


def costs() -> Floats:
    """Cost of leaving at each exit, relative to the full static network."""
    found = exit_costs(BACKBONE, (1, 200), 16)
    return found.macs / found.full


def _evaluated(outputs: ExitLogits, vectors: Floats) -> tuple[Floats, Floats]:
    predictions = apply_policy(MaxSoftmax(), outputs, outputs)
    return evaluate(predictions.confidence, predictions.score, costs(), vectors)


def curve(found: Sequence[Points], floor: float) -> Floats:
    """Test hypervolume of what is known after 1, 2, .. trainings."""
    areas = []
    known = Points(*(np.empty(0) for _ in range(3)))
    for each in found:
        known = Points(
            np.concatenate([known.cost, each.cost]),
            np.concatenate([known.score, each.score]),
            np.concatenate([known.judged, each.judged]),
        )
        areas.append(float(area(staircase(known.cost, known.score, known.judged), floor)))
    return np.array(areas)


def majority(outputs: ExitLogits) -> float:
    """Accuracy of always predicting the largest class, below which accuracy counts nothing."""
    return float(np.bincount(outputs.class_labels).max() / len(outputs.labels))


def draw(curves: dict[str, Floats]) -> None:
    """The curves, mean and range over the searches, as an SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    mpl.rcParams["svg.hashsalt"] = "harness"
    canvas = Canvas(figsize=(7, 4), layout="constrained")
    axes = canvas.subplots()
    for name, found in curves.items():
        trainings = np.arange(1, found.shape[1] + 1)
        axes.plot(trainings, found.mean(0), label=name)
        axes.fill_between(trainings, found.min(0), found.max(0), alpha=0.15)
    axes.set(xlabel="trainings", ylabel="test hypervolume", xscale="log")
    axes.set_title(f"Indian Pines, {SEEDS} searches of each: mean, least and greatest")
    axes.legend(loc="lower right")
    canvas.savefig(out_folder() / f"{Path(__file__).stem}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
