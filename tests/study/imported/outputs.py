"""Outputs of made-up networks, as any framework writes them."""

import numpy as np

SAMPLES = {"validation": 40, "test": 50, "calibration": 30}
COSTS = np.array([10.0, 40.0, 90.0])


def network(seed=0, strength=1.0, calibration=False, exits=3, **changes):
    """The arrays of one network; the same samples whatever the seed. None leaves an array out."""
    labels, noise = np.random.default_rng(99), np.random.default_rng([seed, int(10 * strength)])
    arrays = {"costs": COSTS[:exits]}
    for part, samples in SAMPLES.items():
        wanted = labels.integers(0, 3, samples)
        logits = noise.normal(size=(exits, samples, 3))
        logits[:, np.arange(samples), wanted] += strength * np.array([[1.0], [1.5], [2.0]])[:exits]
        if part != "calibration" or calibration:
            arrays |= {f"{part}_logits": logits, f"{part}_labels": wanted}
    return {name: value for name, value in {**arrays, **changes}.items() if value is not None}


def write(folder, regime, configuration, seed, **options):
    path = folder / regime / configuration / f"{seed}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **network(seed, **options))
    return path


def write_study(folder, seeds=(0, 1, 2, 3, 4, 5), **options):
    """Two regimes, one of them with two configurations; two exits, whose tables are quick."""
    options = {"exits": 2, **options}
    for seed in seeds:
        write(folder, "joint", "a", seed, strength=1.0, **options)
        write(folder, "joint", "b", seed, strength=1.2, **options)
        write(folder, "own_way", "a", seed, strength=1.6, **options)
    return folder
