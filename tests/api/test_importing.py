"""Classifiers of another library, grown deeper, as a study: no torch is involved."""

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier

import harness
from harness.core.errors import InputError

TREES = (4, 24)
"""A forest's exits: after so many trees."""
PARTS = {"train": slice(0, 800), "validation": slice(800, 1200), "test": slice(1200, 1797)}
LIGHT = """
import json, sys
import harness
study = harness.load_study("forests", sys.argv[1])
study.evaluate()
best = study.recommend(cost=0.6)
table = study.compare().numbers
heavy = [name for name in ("torch", "optuna", "mlflow") if name in sys.modules]
print(json.dumps([heavy, best.chosen.regime, best.chosen.score.mean, list(table["regime"])]))
"""


def first_trees(forest, count, samples):
    """Log-probabilities of the first trees of a forest, as a network's exit gives logits."""
    each = [tree.predict_proba(samples) for tree in forest.estimators_[:count]]
    return np.log(np.mean(each, axis=0) + 1e-6)


@pytest.fixture(scope="module")
def forests():
    """Forests of deep and of shallow trees, by regime and seed, and the digits they are of."""
    images, labels = load_digits(return_X_y=True)
    data = {part: (images[place], labels[place]) for part, place in PARTS.items()}
    found = {
        (regime, seed): RandomForestClassifier(TREES[-1], max_depth=depth, random_state=seed).fit(
            *data["train"]
        )
        for regime, depth in (("deep", None), ("shallow", 3))
        for seed in range(6)
    }
    return found, data


@pytest.fixture(scope="module")
def root(forests, tmp_path_factory):
    found, data = forests
    root = tmp_path_factory.mktemp("forests")
    for (regime, seed), forest in found.items():
        arrays = {"costs": np.array(TREES, dtype=float)}
        for part in ("validation", "test"):
            samples, labels = data[part]
            logits = [first_trees(forest, count, samples) for count in TREES]
            arrays |= {f"{part}_logits": np.stack(logits), f"{part}_labels": labels}
        path = root / "outputs" / regime / "default" / f"{seed}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **arrays)
    return root


@pytest.fixture(scope="module")
def study(root):
    counts = np.bincount(load_digits().target[PARTS["train"]]).tolist()
    return harness.import_study(
        "forests", root / "outputs", root, baseline="deep", fresh="all", train_counts=counts
    )


def test_forests_are_compared_and_recommended_without_torch(study, root):
    command = [sys.executable, "-c", LIGHT, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    heavy, regime, accuracy, regimes = json.loads(done.stdout)
    assert heavy == []
    assert (regime, regimes) == ("deep", ["deep", "shallow"])
    table = study.compare().numbers.set_index("regime")
    assert table.loc["shallow", "gain_high"] < 0
    assert table.loc["shallow", "p_holm"] == pytest.approx(2 / 2**6)
    assert 0.7 < accuracy < 1


def test_what_is_recommended_is_what_the_forest_does(study, forests):
    """The thresholds, applied to the forest itself, sample by sample."""
    found, data = forests
    study.evaluate()
    best = study.recommend(cost=0.6).chosen
    samples, labels = data["test"]
    forest = found[best.regime, best.seed]
    logits = np.stack([first_trees(forest, count, samples) for count in TREES])
    logits = logits.astype(np.float32).astype(float)  # as outputs are kept
    confidence = softmax(logits, axis=-1).max(-1)
    threshold = best.thresholds[0]  # None where no sample leaves
    left = np.where(confidence[0] >= (np.inf if threshold is None else threshold), 0, 1)
    predicted = logits.argmax(-1)[left, np.arange(len(labels))]
    assert (predicted == labels).mean() == pytest.approx(best.measured["test_accuracy"])
    assert np.mean([TREES[e] for e in left]) == pytest.approx(best.measured["test_macs"])


def test_what_needs_networks_is_refused(study):
    with pytest.raises(InputError, match="forests: imported by `harness import`; --cost latency"):
        study.compare(cost="latency")
    with pytest.raises(InputError, match="12 of 12 networks were imported without `para"):
        study.compare(cost="parameters")


def test_the_progress_is_told(root):
    told = []
    harness.import_study("forests", root / "outputs", root, watch=told.append)
    assert len(told) == 12
    assert told[0].endswith("deep/default/0.npz")
