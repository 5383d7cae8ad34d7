"""Statistics recovered from what a data set makes of its raw samples."""

from dataclasses import replace

import numpy as np
import pytest

from harness.core.types import Standardisation
from harness.data.fetch import fetch_files
from harness.data.load import ensure, load
from harness.data.prepare import read_raw, read_split_indices
from harness.data.sets import RawData, build_split, standardised
from harness.data.splits import SplitIndices
from harness.export.preprocessing import preprocessing_of

INDICES = SplitIndices(np.arange(60), np.arange(60, 80), np.arange(80, 100))
NONE = np.empty(0, dtype=np.int64)
LABELS = np.arange(100) % 3
NAMES = ("a", "b", "c")


def split_of(inputs, **fields):
    return build_split(lambda index: inputs[index], LABELS, INDICES, NAMES, **fields)


def raw_of(values):
    return RawData(values, LABELS, NONE.reshape(0, 2), NONE)


def same_as_the_split(found, split, indices):
    for name, index in indices.parts.items():
        part = split.standardised(split.parts[name].inputs)
        made = (found.raw(index).astype(np.float32) - found.mean) / found.deviation
        np.testing.assert_allclose(made, part, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "patch", "statistics"),
    [
        ("digits", None, (1, 1, 1)),
        ("indian_pines-spectrum-10", 1, (1, 200)),
        ("indian_pines-patch-10", 5, (200, 1, 1)),
    ],
)
def test_the_splits_of_harness_are_made_of_raw_samples(project, mirror, name, patch, statistics):
    manifest = ensure(project, name, mirror, lambda *_: None)
    split, indices = load(project, name), read_split_indices(project.prepared, name)
    _, data, _ = read_raw(name, manifest.spec, project.raw)
    found = preprocessing_of(data, indices, split)
    assert (found.patch, found.mean.shape, found.deviation.shape) == (
        patch, statistics, statistics
    )  # fmt: skip
    same_as_the_split(found, split, indices)


def test_bytes_bring_their_statistics(project, mirror):
    del project, mirror
    images = np.random.default_rng(0).integers(0, 255, (100, 1, 4, 4)).astype(np.uint8)
    moments = Standardisation(np.array([90.0], np.float32), np.array([50.0], np.float32))
    split = split_of(images, standardisation=moments)
    found = preprocessing_of(raw_of(images[:, 0]), INDICES, split)
    assert (found.mean, found.deviation) == (90, 50)
    same_as_the_split(found, split, INDICES)


def test_a_user_s_own_layout_and_scale_are_recovered():
    draw = np.random.default_rng(0)
    colours = draw.random((100, 6, 5, 3)) * [1, 20, 300]
    channels_first = np.moveaxis(colours, -1, 1)
    mean = channels_first[:60].mean((0, 2, 3), keepdims=True)
    inputs = ((channels_first - mean) / 7).astype(np.float32)
    found = preprocessing_of(raw_of(colours), INDICES, split_of(inputs))
    assert found.mean.shape == (3, 1, 1)
    np.testing.assert_allclose(found.deviation, 7, rtol=1e-5)
    same_as_the_split(found, split_of(inputs), INDICES)


def test_what_never_varies_is_taken_as_harness_takes_it():
    rows = np.random.default_rng(0).random((100, 4))
    rows[:, 2] = 5
    inputs = standardised(rows, rows[INDICES.train])[:, None]
    found = preprocessing_of(raw_of(rows), INDICES, split_of(inputs))
    assert found.mean[0, 2] == 5
    assert found.deviation[0, 2] == pytest.approx(1e-6)


def test_a_preprocessing_of_another_kind_is_left_to_the_user():
    rows = np.random.default_rng(0).random((100, 4))
    split = split_of(np.log1p(rows).astype(np.float32)[:, None])
    found = preprocessing_of(raw_of(rows), INDICES, split)
    assert found.raw is None
    assert (found.mean, found.deviation) == (0, 1)
    np.testing.assert_array_equal(found.validation(split, INDICES), split.validation.inputs)
    assert "as `inputs` of the data set makes them" in found.in_words((1, 4))


def test_a_scene_whose_bands_are_chosen_is_left_to_the_user(project, mirror):
    manifest = ensure(project, "indian_pines-spectrum-10", mirror, lambda *_: None)
    fetch_files("indian_pines", project.raw, mirror, lambda *_: None)
    split = load(project, manifest.name)
    parts = {
        name: replace(part, inputs=part.inputs[..., :50])
        for name, part in split.parts.items()
    }  # fmt: skip
    _, data, _ = read_raw(manifest.name, manifest.spec, project.raw)
    indices = read_split_indices(project.prepared, manifest.name)
    assert preprocessing_of(data, indices, replace(split, **parts)).raw is None
