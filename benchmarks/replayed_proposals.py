"""Hypervolume of harness's replayed proposals against Optuna's `study.optimize`, by sampler.

harness makes each proposal by a fresh sampler, seeded by its place in the study, that is told what
was recorded `window` turns earlier: that is why a study can be replayed. Here such searches and
Optuna's own `study.optimize` find the maxima of the same two functions, with the same number of
evaluations and the same settings of the sampler: Gaussian hills over the unit cube of the six
parameters of a study's search space, with peaks drawn anew for each seed, so that both goals cannot
be had at once. An evaluation costs nothing: the benchmark is of proposals alone.

`window 1` is the replay by itself: each proposal knows all results before it, as those of
`study.optimize` do, which runs one by one. A study's window is 8 by default, counted over all of
its regimes, which take turns: with four regimes or more a proposal lacks one or two results of its
own regime (`window 2`), in a study of a single regime the last seven (`window 8`), as it would with
eight workers.

The difference is in per cent of `study.optimize`'s mean hypervolume, paired by the problem; the
target is that the 95 % interval (Student's t over the problems) does not lie below 0.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import optuna
from scipy.stats import ttest_1samp

from benchmarks.suite.figure import Figure, quick
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import TrainedOn
from harness.core.types import Floats
from harness.frontier.pareto import hypervolume
from harness.study.memory import Memory
from harness.study.proposer import Proposal, finished, propose, visible
from harness.study.schedule import Turn
from harness.study.space import suggest
from harness.study.study_file import study_of

REGIME = "soft_cgt"
STUDY: dict[str, object] = {
    "split": "none",
    "backbone": {"name": "spectral_cnn"},
    "training": {
        "learning_rate": {"min": 0.001, "max": 0.1, "distribution": "log_uniform_values"},
        "weight_decay": {"min": 0.0001, "max": 0.1, "distribution": "log_uniform_values"},
    },
    "regimes": {
        REGIME: {
            "h": {"values": ["identity", "logistic"]},
            "beta": {"min": 0.0, "max": 1.0},
            "kappa": {"min": 1.0, "max": 30.0, "distribution": "log_uniform_values"},
            "tau": {"min": 0.5, "max": 0.99},
        }
    },
    "run_cap": 1000,
}
ON = TrainedOn(digest="0" * 64, device="cpu")
BUDGETS = {"random": (50, 40), "nsga2": (50, 100), "tpe": (50, 100), "gp": (20, 10)}
"""By sampler: evaluations of a search, and problems."""
WINDOWS = (1, 2, 8)


def main() -> list[Figure]:
    """Print mean hypervolumes and their differences with intervals."""
    budgets = dict.fromkeys(BUDGETS, (8, 3)) if quick() else BUDGETS
    figures = []
    print("sampler  evaluations  problems  study.optimize  " + "difference, per cent [95 %]")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for method, (evaluations, problems) in budgets.items():
            jobs = [(method, evaluations, seed) for seed in range(problems)]
            found = np.array(list(pool.map(searched, *zip(*jobs, strict=True))))
            plain = found[:, 0]
            line = f"{method:8} {evaluations:11} {problems:9} {plain.mean():15.4f}"
            for window, own in zip(WINDOWS, found[:, 1:].T, strict=True):
                figure = compared(method, window, own, plain)
                figures.append(figure)
                mean = 100 * (own - plain).mean() / plain.mean()
                line += f"  window {window}: {mean:+.2f} [{figure.spread[0]:+.2f}, "
                line += f"{figure.spread[1]:+.2f}]"
            print(line)
    return figures


def compared(method: str, window: int, own: Floats, plain: Floats) -> Figure:
    """The upper end of the interval of the difference, which must not lie below 0."""
    gains = 100 * (own - plain) / plain.mean()
    low, high = float(gains.mean()), float(gains.mean())
    if gains.std() > 0:
        interval = ttest_1samp(gains, 0.0).confidence_interval(0.95)
        low, high = float(interval.low), float(interval.high)
    return Figure(
        f"{method}, window {window}: hypervolume over that of study.optimize, upper end",
        high,
        "per cent",
        spread=(low, high),
        of=f"95 % interval, {len(own)} problems",
        at_least=0.0,
    )


def searched(method: str, evaluations: int, seed: int) -> tuple[float, ...]:
    """Hypervolumes of one problem: of study.optimize, then of harness by window."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    values = problem(seed)
    named = STUDY | {"name": f"problem-{seed}", "method": method}
    studies = [study_of(named | {"window": window}, "study") for window in WINDOWS]
    plain = optimized(studies[0], values, evaluations, seed)
    own = (replayed(study, values, evaluations) for study in studies)
    return tuple(_area(found) for found in (plain, *own))


def problem(seed: int) -> Callable[[dict[str, float | str]], tuple[float, float]]:
    """Two Gaussian hills over the unit cube of the search space; the maximum of each is 1."""
    generator = np.random.default_rng(seed)
    peaks = generator.uniform(0.1, 0.9, (2, 5))
    best = generator.integers(0, 2)

    def values(parameters: dict[str, float | str]) -> tuple[float, float]:
        found = {name.partition(".")[2]: value for name, value in parameters.items()}
        rate, decay, kappa = (
            float(found[name]) for name in ("learning_rate", "weight_decay", "kappa")
        )
        point = np.array(
            [
                np.log(rate / 0.001) / np.log(100),
                np.log(decay / 0.0001) / np.log(1000),
                float(found["beta"]),
                np.log(kappa) / np.log(30),
                (float(found["tau"]) - 0.5) / 0.49,
            ]
        )
        wrong = 0.8 if ("identity", "logistic")[best] != found["h"] else 1.0
        one, other = wrong * np.exp(-((point - peaks) ** 2).sum(1) / 0.5)
        return float(one), float(other)

    return values


def optimized(
    study: StudySpec,
    values: Callable[[dict[str, float | str]], tuple[float, float]],
    evaluations: int,
    seed: int,
) -> list[tuple[float, float]]:
    """What Optuna finds by itself, with the sampler and the settings that harness gives it."""
    samplers = {
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        "nsga2": lambda: optuna.samplers.NSGAIISampler(population_size=study.population, seed=seed),
        "tpe": lambda: optuna.samplers.TPESampler(n_startup_trials=study.startup, seed=seed),
        "gp": lambda: optuna.samplers.GPSampler(n_startup_trials=study.startup, seed=seed),
    }
    memory = optuna.create_study(
        directions=["maximize", "maximize"], sampler=samplers[study.method]()
    )

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        suggest(trial, study, REGIME, ON)
        return values(trial.params)

    memory.optimize(objective, n_trials=evaluations)
    return [tuple(trial.values) for trial in memory.get_trials()]


def replayed(
    study: StudySpec,
    values: Callable[[dict[str, float | str]], tuple[float, float]],
    evaluations: int,
) -> list[tuple[float, float]]:
    """What harness's proposals find: each sees what was recorded `window` turns earlier."""
    recorded: list[optuna.trial.FrozenTrial] = []
    pending: list[Proposal] = []

    def record(proposal: Proposal) -> None:
        recorded.append(finished(proposal, values(proposal.asked.params), None))

    memory = Memory(study)
    for index in range(evaluations):
        if len(pending) == study.window:
            record(pending.pop(0))
        turn = Turn(index, REGIME, index)
        memory.show(*visible(recorded, pending, 0, index - study.window))
        pending.append(propose(study, ON, turn, memory))
    for proposal in pending:
        record(proposal)
    return [tuple(trial.values) for trial in recorded]


def _area(found: Sequence[tuple[float, float]]) -> float:
    """Hypervolume of values that are both maximised, from (0, 0)."""
    first, second = np.array(found).T
    return hypervolume(-first, second, 0.0, 0.0)


if __name__ == "__main__":
    main()
