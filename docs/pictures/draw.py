"""Draw the pictures of docs/concepts.md from a confirmed study.

    python -m docs.pictures.draw PROJECT STUDY

They show the network that `harness recommend STUDY --cost 0.5` names, on its validation part; the
committed ones are of the study `first`, which `harness init` writes, launched with `--confirm`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import harness
from docs.pictures.svg import (
    EXITS,
    WRONG,
    Point,
    arrow,
    bar,
    box,
    dots,
    drawing,
    lines,
    path,
    text,
)
from harness.core.types import Bools, Floats, Frontier
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.thresholds import threshold_levels, threshold_table
from harness.frontier.trial_frontier import trial_frontier
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predictions import ExitPredictions, apply_policy
from harness.policies.routing import route
from harness.results.trials import read_trial

FOLDER = Path(__file__).parent
BUDGET = 0.5
"""Relative cost within which the network is recommended."""
_CLOUD = 56
"""Thresholds per exit of those that are drawn as dots."""


@dataclass(frozen=True)
class Network:
    """A trained network with the thresholds to deploy, and what it does on validation.

    Attributes
    ----------
    name
        Study, regime and seed, in words.
    thresholds
        [E-1].
    cost
        [E]: of leaving at each exit, relative to the full static network.
    predictions
        Confidences and whether they are correct, on validation.
    floor
        Accuracy of always predicting the majority class.
    """

    name: str
    thresholds: Floats
    cost: Floats
    predictions: ExitPredictions
    floor: float

    @property
    def taken(self) -> Floats:
        """The share of the samples that leaves at each exit: [E]."""
        left = route(self.predictions.confidence, self.thresholds)
        return np.bincount(left, minlength=len(self.cost)) / len(left)

    @property
    def frontier(self) -> Frontier:
        """All thresholds' Pareto set."""
        table = ExactTable(levels=1000)
        return trial_frontier(self.predictions, self.cost, table, None)


def network_of(project: Path, study: str) -> Network:
    """The network that is recommended within half of the cost."""
    loaded = harness.load_study(study, project)
    chosen = loaded.recommend(cost=BUDGET).chosen
    result = read_trial(loaded.folder / "confirmation", chosen.key)
    outputs = result.validation
    thresholds = np.array([np.inf if each is None else each for each in chosen.thresholds])
    labels = np.bincount(outputs.labels.astype(int))
    return Network(
        f"study {study}, regime {chosen.regime}, seed {chosen.seed}",
        thresholds,
        result.costs.macs / result.costs.full,
        apply_policy(MaxSoftmax(), outputs, outputs),
        float(labels.max() / labels.sum()),
    )


def exits_picture(network: Network) -> str:
    """A sample's way through the network: stages above, exits below, what each costs."""
    parts = [box((10, 60), 84, 56), text((52, 93), "sample")]
    accuracy = _accuracy_of_leaving(network)
    for index, colour in enumerate(EXITS):
        left, name = 150 + 200 * index, f"{index + 1}"
        parts += [arrow((left - (84 if index else 56), 88), (left - 4, 88))]
        parts += [box((left, 60), 116, 56), text((left + 58, 93), f"stage {name}")]
        parts += [arrow((left + 58, 116), (left + 58, 148), colour)]
        parts += [box((left + 8, 150), 100, 40, colour), text((left + 58, 175), f"exit {name}")]
        last = index == len(EXITS) - 1
        asked = "all that are left" if last else f"confidence ≥ {network.thresholds[index]:.2f}"
        parts += [arrow((left + 58, 190), (left + 58, 246), colour)]
        parts += [text((left + 66, 224), asked, kind="soft", anchor="start", font_size="12")]
        words = [
            f"{network.taken[index]:.0%} leave here",
            f"cost {network.cost[index]:.2f}",
            f"{accuracy[index]:.0%} of them correct",
        ]
        parts.append(lines((left + 58, 266), words))
        if not last:
            parts.append(text((left + 157, 80), "otherwise", kind="soft", font_size="12"))
    mean = float(network.taken @ network.cost)
    whole = float(network.taken @ accuracy)
    said = f"Together: accuracy {whole:.2f} at a mean cost of {mean:.2f} — one operating point"
    parts.append(text((380, 340), said, font_weight="600"))
    return drawing(760, 355, parts, "A network with three exits", top=48)


def _accuracy_of_leaving(network: Network) -> Floats:
    """The share of correct predictions among the samples that leave at each exit: [E]."""
    left = route(network.predictions.confidence, network.thresholds)
    correct = network.predictions.correct
    return np.array([correct[e, left == e].mean() for e in range(len(network.cost))])


def thresholds_picture(network: Network) -> str:
    """Confidences at the exits that may be left early, of correct and of wrong predictions."""
    parts = []
    left = np.zeros(network.predictions.confidence.shape[1], dtype=bool)
    for index, threshold in enumerate(network.thresholds):
        reaches = ~left
        confidence = network.predictions.confidence[index, reaches]
        correct = network.predictions.correct[index, reaches]
        parts.append(_histogram((60 + 370 * index, 40), index, confidence, correct, threshold))
        left |= network.predictions.confidence[index] >= threshold
    parts += [bar((250, 306), 12, 12, EXITS[0]), text((268, 317), "correct", anchor="start")]
    parts += [bar((350, 306), 12, 12, WRONG), text((368, 317), "wrong", anchor="start")]
    return drawing(760, 330, parts, "Confidences and thresholds at two exits")


def _histogram(
    corner: Point, index: int, confidence: Floats, correct: Bools, threshold: float
) -> str:
    (left, top), (width, height), bins = corner, (300, 190), 20
    edges = np.linspace(0, 1, bins + 1)
    right, _ = np.histogram(confidence[correct], edges)
    wrong, _ = np.histogram(confidence[~correct], edges)
    scale, step = height / max((right + wrong).max(), 1), width / bins
    parts = [text((left + width / 2, top - 16), f"exit {index + 1}", font_weight="600")]
    for place, (good, bad) in enumerate(zip(right * scale, wrong * scale, strict=True)):
        x = left + place * step + 1
        parts.append(bar((x, top + height - good), step - 2, good, EXITS[0]))
        parts.append(bar((x, top + height - good - bad), step - 2, bad, WRONG))
    at = left + width * threshold
    parts += [path([(left, top + height), (left + width, top + height)])]
    parts += [path([(at, top - 6), (at, top + height)], "mark", stroke_width="2")]
    parts += [text((at + 6, top + 6), f"threshold {threshold:.2f}", anchor="start", font_size="12")]
    for tick in (0, 0.5, 1):
        where = (left + width * tick, top + height + 18)
        parts.append(text(where, f"{tick:g}", kind="soft", font_size="12"))
    parts.append(text((left + width / 2, top + height + 36), "confidence", kind="soft"))
    leave = int((confidence >= threshold).sum())
    said = f"{len(confidence):,} samples arrive, {leave:,} leave"
    return "\n".join([*parts, text((left + width / 2, top + height + 56), said)])


def frontier_picture(network: Network) -> str:
    """Every vector of thresholds as a dot, the frontier, and the best within half of the cost."""
    (left, top), (width, height) = (70, 20), (640, 300)
    low = float(np.floor(network.floor * 10) / 10)
    high = float(np.ceil(network.frontier.score.max() * 10) / 10)

    def at(cost: float, score: float) -> Point:
        return left + width * cost / 1.05, top + height * (1 - (score - low) / (high - low))

    levels = threshold_levels(network.predictions.confidence, _CLOUD)
    table = threshold_table(
        network.predictions.confidence, network.predictions.correct, network.cost, levels
    )
    cloud = zip(table.cost.ravel(), table.accuracy.ravel(), strict=True)
    found = network.frontier
    steps: list[Point] = []
    for cost, score in zip(found.cost, found.score, strict=True):
        if steps:
            steps.append((at(cost, 0)[0], steps[-1][1]))
        steps.append(at(cost, score))
    steps.append((at(1, 0)[0], steps[-1][1]))
    bottom = at(0, network.floor)[1]
    area = [(steps[0][0], bottom), *steps, (steps[-1][0], bottom)]
    best = int(np.flatnonzero(found.cost <= BUDGET)[-1])  # costs and scores rise together
    chosen = at(found.cost[best], found.score[best])
    parts = [
        path(area, "area", fill=EXITS[0], fill_opacity="0.12", stroke="none"),
        dots((at(c, s) for c, s in cloud), "#8a94a0", 2.0, 0.6),
        path(steps, style=f"stroke: {EXITS[0]}; stroke-width: 2.5"),
        path([at(BUDGET, low), at(BUDGET, high)], stroke_dasharray="5 4"),
        dots([chosen], EXITS[2], 11),
        text((chosen[0] + 12, chosen[1] - 16), "the best within half of the cost", anchor="start"),
        text((at(0.72, 0)[0], at(0, (network.floor + high) / 2)[1]), "hypervolume: this area"),
        text((at(0.2, 0)[0], bottom + 18), "majority class", kind="soft", font_size="12"),
        path([at(0, network.floor), at(1, network.floor)], stroke_dasharray="2 3"),
        *_axes(at, low, high),
    ]
    return drawing(760, 385, parts, "Threshold vectors of one network, and their frontier")


def _axes(at: Callable[[float, float], Point], low: float, high: float) -> list[str]:
    parts = [path([at(0, high), at(0, low), at(1.05, low)])]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = at(tick, low)
        parts.append(text((x, y + 18), f"{tick:g}", kind="soft", font_size="12"))
    for tick in np.arange(low, high + 0.05, 0.1):
        x, y = at(0, tick)
        parts.append(text((x - 8, y + 4), f"{tick:.1f}", kind="soft", font_size="12", anchor="end"))
    x, y = at(0.525, low)
    parts.append(text((x, y + 42), "mean cost, relative to the full static network", kind="soft"))
    middle = at(0, (low + high) / 2)[1]
    turned = f"rotate(-90 18 {middle:.0f})"
    return [*parts, text((18, middle), "accuracy on validation", kind="soft", transform=turned)]


def confirmation_picture() -> str:
    """From the search to what is said of regimes: which seeds and parts each step reads."""
    steps = (
        ("search", "Optuna proposes|configurations;|each is trained on|the searched seeds"),
        ("candidates", "of each regime those|best on validation|at some budgets"),
        ("fresh seeds", "trained again, each|on its own split;|thresholds chosen|on validation"),
        ("test", "evaluated once:|intervals, tests,|recommendation"),
    )
    parts = []
    for index, (name, words) in enumerate(steps):
        left = 8 + 190 * index
        fresh = index > 1
        parts += [box((left, 30), 172, 132, EXITS[0] if fresh else "", dashed=not fresh)]
        parts += [text((left + 86, 54), name, font_weight="600")]
        parts += [lines((left + 86, 80), words.split("|"), kind="soft")]
        if index:
            parts.append(arrow((left - 17, 96), (left - 2, 96)))
    parts += [text((189, 188), "exploratory: chosen on these seeds")]
    parts += [text((569, 188), "nothing was chosen on these seeds")]
    return drawing(760, 204, parts, "Search, then confirmation on fresh seeds", top=20)


def main(project: str, study: str) -> None:
    """Write all drawings."""
    network = network_of(Path(project), study)
    drawn = {
        "exits": exits_picture(network),
        "thresholds": thresholds_picture(network),
        "frontier": frontier_picture(network),
        "confirmation": confirmation_picture(),
    }
    for name, svg in drawn.items():
        file = FOLDER / f"{name}.svg"
        file.write_text(svg, encoding="utf-8")
        sys.stdout.write(f"{file.name}: {len(svg) / 1000:.0f} kB; {network.name}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
