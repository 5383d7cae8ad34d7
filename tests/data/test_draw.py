import numpy as np
import pytest

from harness.core.errors import DataError, InputError, NoSplitError
from harness.core.manifest import SplitSpec
from harness.data.draw import draw_split
from harness.data.sets import DATASETS
from harness.data.spatial_split import within
from tests.data.made_up import Rows, rows_data


def spec(**fields):
    return SplitSpec(**{"dataset": "made-up", "train": 0.5, "validation": 0.25, **fields})


def test_a_class_without_training_samples_is_named_with_what_would_do():
    data = rows_data(np.repeat([0, 1], [396, 4]))
    with pytest.raises(NoSplitError) as error:
        draw_split("s", Rows(), data, spec(train=0.05))
    message = str(error.value)
    assert "split s: train 0.05 with seed 0 leaves classes without training samples" in message
    assert "rare (4 samples); `train: 0.15` would do" in message
    found = draw_split("s", Rows(), data, spec(train=0.15))
    assert 1 in data.labels[found.train]


def test_a_class_of_one_sample_cannot_be_divided():
    data = rows_data(np.repeat([0, 1], [99, 1]))
    with pytest.raises(DataError, match=r"split s: a train share of 0.5 cannot .* left of rare;"):
        draw_split("s", Rows(), data, spec())
    with pytest.raises(
        DataError, match=r"rare \(1 samples\); .*samples per class.* of two or more"
    ):
        draw_split("s", Rows(), data, spec(train=10, validation=10))


def test_a_spatial_split_needs_positions():
    with pytest.raises(InputError, match=r"split s: kind: made-up has no positions"):
        draw_split("s", Rows(), rows_data(np.arange(100) % 2), spec(kind="spatial"))


def test_shared_pixels_of_the_real_scene(indian_pines):
    """Under margin `centre` most test patches share pixels with training patches, else none do."""
    plugin = DATASETS.get("indian_pines")(patch=5)
    data = plugin.read(indian_pines)
    for margin, share in (("centre", 0.74), ("patch", 0.0)):
        asked = spec(kind="spatial", train=0.4, validation=0.2, margin=margin)
        found = draw_split("s", plugin, data, asked)
        train, test = data.positions[found.train], data.positions[found.test]
        # By brute force: the union of all training patches against each test patch.
        covered = np.zeros((149, 149), dtype=bool)
        for down in range(5):
            for right in range(5):
                covered[train[:, 0] + down, train[:, 1] + right] = True
        hit = [covered[row : row + 5, column : column + 5].any() for row, column in test]
        assert np.mean(hit) == pytest.approx(share, abs=0.03)
        assert np.mean(hit) == within(test, train, 4).mean()
