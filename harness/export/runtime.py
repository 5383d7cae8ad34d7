"""Runs one exported early-exit network. Needs NumPy and PyTorch, and nothing of harness.

    python runtime.py inputs.npy > predictions.csv

Inputs are float32 [N, channels, *space], standardised as `manifest.json` says. Every stage runs
on the samples that have not left alone: those that left are dropped from the batch.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]


class Prediction(NamedTuple):
    """The network's predictions.

    Attributes
    ----------
    labels
        int64 [N]: class indices from 0, in the order of the manifest's `classes`.
    exits
        int64 [N]: the exit that each sample left by, from 1.
    confidence
        float64 [N] in [0, 1]: the policy's, at that exit.
    """

    labels: Ints
    exits: Ints
    confidence: Floats


class Passed(NamedTuple):
    """Outputs of the e exits so far, for the samples that have not left.

    Attributes
    ----------
    logits
        float64 [e, N, K], divided by the exits' temperatures where there are any.
    gates
        float64 [e, N] of gate heads, or None.
    exits
        Number of exits of the whole network.
    fitted
        The policy's tables of the newest exit and those before: float64 [e, any].
    """

    logits: Floats
    gates: Floats | None
    exits: int
    fitted: Mapping[str, Floats]


def own(passed: Passed) -> Floats:
    """The newest exit's logits: [N, K]."""
    newest: Floats = passed.logits[-1]
    return newest


def ensemble(passed: Passed) -> Floats:
    """Mean of the exits' log-probabilities: [N, K]."""
    logs = passed.logits - passed.logits.max(-1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(-1, keepdims=True))
    mean: Floats = logs.mean(0)
    return mean


def largest(scores: Floats, passed: Passed) -> Floats:
    """Largest softmax probability of scores [N, K]: [N]."""
    del passed
    probability: Floats = softmax(scores).max(-1)
    return probability


def margin(scores: Floats, passed: Passed) -> Floats:
    """Difference of the two largest probabilities: [N]."""
    del passed
    top = np.partition(softmax(scores), -2, axis=-1)
    difference: Floats = top[:, -1] - top[:, -2]
    return difference


def entropy(scores: Floats, passed: Passed) -> Floats:
    """One minus the normalised entropy: [N]."""
    del passed
    probability = softmax(scores)
    logs = np.log(np.where(probability > 0, probability, 1))
    certainty: Floats = 1 + (probability * logs).sum(-1) / np.log(scores.shape[-1])
    return np.clip(certainty, 0, 1)


def patience(scores: Floats, passed: Passed) -> Floats:
    """Share of all exits that, in a row up to the newest, predict what it does: [N]."""
    same = passed.logits.argmax(-1) == scores.argmax(-1)
    agreeing: Floats = np.cumprod(same[::-1], axis=0).sum(0) / passed.exits
    return agreeing


def gate(scores: Floats, passed: Passed) -> Floats:
    """The newest gate head's probability: [N]."""
    del scores
    if passed.gates is None:
        raise ValueError("policy learned_gate: the network has no gate heads")
    newest: Floats = passed.gates[-1]
    return newest


def similar(scores: Floats, passed: Passed) -> Floats:
    """Accuracy in the bin of the largest softmax probability: [N]."""
    starts, accuracy = passed.fitted["starts"][-1], passed.fitted["accuracy"][-1]
    inside = np.maximum(largest(scores, passed), starts[0])
    found: Floats = accuracy[np.searchsorted(starts, inside, side="right") - 1]
    return found


def votes(scores: Floats, passed: Passed) -> Floats:
    """Weighted confidences of the exits that agree with the newest, over their maximum: [N]."""
    weights = passed.fitted["weights"]
    agree = np.cumprod((passed.logits.argmax(-1) == scores.argmax(-1))[::-1], axis=0)[::-1]
    cast = (agree * weights * softmax(passed.logits).max(-1)).sum(0)
    share: Floats = np.minimum(cast / (weights.sum() or 1), 1)
    return share


def softmax(scores: Floats) -> Floats:
    """Probabilities [..., N, K] of scores [..., N, K]."""
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    probability: Floats = shifted / shifted.sum(-1, keepdims=True)
    return probability


Rule: TypeAlias = tuple[Callable[[Passed], Floats], Callable[[Floats, Passed], Floats]]

RULES: dict[str, Rule] = {
    "max_softmax": (own, largest),
    "margin": (own, margin),
    "entropy": (own, entropy),
    "patience": (own, patience),
    "learned_gate": (own, gate),
    "geometric_ensemble": (ensemble, largest),
    "pcee": (own, similar),
    "beem": (own, votes),
}
"""Exit policies by their name in harness: scores [N, K], whose largest is the prediction, and from
them the confidence [N]. A test holds each to the policy of this name in `harness.policies`."""


class EarlyExitRuntime:
    """An exported network.

    Parameters
    ----------
    folder
        Holds `manifest.json` and a program per stage.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.classes: tuple[str, ...] = tuple(self.manifest["data"]["classes"])
        self.shape: tuple[int, ...] = tuple(self.manifest["data"]["input_shape"])
        self.programs: list[Callable[..., tuple[torch.Tensor, ...]]] = [
            torch.export.load(folder / name).module() for name in self.manifest["stages"]
        ]
        never = [np.inf if t is None else float(t) for t in self.manifest["thresholds"]]
        self._thresholds = np.array(never, dtype=np.float64)
        policy = self.manifest["policy"]
        self._scores, self._confidence = RULES[policy["name"]]
        scale = policy["temperatures"] or [1.0] * len(self.programs)
        self._temperatures = np.array(scale)[:, None, None]
        self._fitted = {name: np.array(table) for name, table in policy["fitted"].items()}

    def predict(self, inputs: npt.ArrayLike, batch_size: int = 1000) -> Prediction:
        """Predict for inputs [N, channels, *space]; raises ValueError when their shape differs."""
        samples = torch.from_numpy(np.array(inputs, dtype=np.float32))
        if samples.shape[1:] != self.shape:
            raise ValueError(f"inputs [N, *{list(self.shape)}] expected, found {[*samples.shape]}")
        parts = [self._run(batch) for batch in torch.split(samples, batch_size)]
        labels, exits, confidence = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Prediction(labels, exits, confidence)

    @torch.inference_mode()
    def _run(self, batch: torch.Tensor) -> Prediction:
        count = len(batch)
        labels, exits = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        found = Prediction(labels, exits, np.zeros(count))
        inside = np.arange(count)
        state: tuple[torch.Tensor, ...] = (batch,)
        for index, program in enumerate(self.programs):
            features, heads, logits, *gates = program(*state)
            predicted, confidence = self._predict(logits, gates)
            leaves = np.ones(len(inside), dtype=bool)
            if index < len(self._thresholds):
                leaves = confidence >= self._thresholds[index]
            left = inside[leaves]
            found.labels[left], found.exits[left] = predicted[leaves], index + 1
            found.confidence[left] = confidence[leaves]
            inside = inside[~leaves]
            if not len(inside):
                break
            stays = torch.from_numpy(~leaves)
            state = (features[stays], heads[:, stays])
        return found

    def _predict(self, logits: torch.Tensor, gates: list[torch.Tensor]) -> tuple[Ints, Floats]:
        scaled = (logits.numpy() / self._temperatures[: len(logits)]).astype(np.float32)
        beside = gates[0].numpy().astype(np.float64) if gates else None
        so_far = {name: table[: len(scaled)] for name, table in self._fitted.items()}
        passed = Passed(scaled.astype(np.float64), beside, len(self.programs), so_far)
        scores = self._scores(passed)
        return scores.argmax(-1), self._confidence(scores, passed)


def main() -> None:
    """Write label, class, exit and confidence of each sample of an .npy file as CSV."""
    parser = argparse.ArgumentParser(description="Run the exported network beside this file.")
    parser.add_argument("inputs", type=Path, help="float32 [N, channels, *space], standardised")
    inputs = np.load(parser.parse_args().inputs, allow_pickle=False)
    runtime = EarlyExitRuntime(Path(__file__).parent)
    found = runtime.predict(inputs)
    rows = zip(*(column.tolist() for column in found), strict=True)
    writer = csv.writer(sys.stdout)
    writer.writerow(("label", "class", "exit", "confidence"))
    writer.writerows((label, runtime.classes[label], *rest) for label, *rest in rows)


if __name__ == "__main__":
    main()
