from dataclasses import replace

import numpy as np
import pytest

from harness.core.errors import DataError
from harness.core.manifest import SplitSpec
from harness.data.checks import check_finite, check_radius, check_raw
from harness.data.draw import draw_split
from harness.data.sets import DATASETS
from tests.data.made_up import Rows, Scene, rows_data

LABELS = np.arange(100) % 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"labels": LABELS + 1}, r"50 labels outside its classes, found 2; allowed is 0 to 1"),
        ({"labels": LABELS - 1}, r"50 labels outside its classes, found -1; allowed is 0 to 1"),
        ({"labels": LABELS.astype(float)}, r"labels are whole numbers \[N\], found float64"),
        ({"labels": LABELS[:0]}, "no labelled samples"),
        ({"positions": np.zeros((3, 2), dtype=int)}, "3 positions for 100 labels"),
        ({"test": np.array([100])}, "test holds indices from 0 to 99, each once"),
        ({"test": np.array([1, 1])}, "test holds indices from 0 to 99, each once"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(fields, message):
    check_raw("rows", Rows(), rows_data(LABELS))
    with pytest.raises(DataError, match=f"data set rows: .*{message}"):
        check_raw("rows", Rows(), replace(rows_data(LABELS), **fields))


def test_targets_are_checked(tmp_path):
    plugin = DATASETS.get("diabetes")()
    data = plugin.read(tmp_path)
    check_raw("diabetes", plugin, data)
    with pytest.raises(DataError, match=r"targets of shape \[442, 1\] expected, found \(442, 2\)"):
        check_raw("diabetes", plugin, replace(data, targets=np.hstack([data.targets] * 2)))
    broken = data.targets.copy()
    broken[3] = np.inf
    with pytest.raises(DataError, match="targets contain NaN or infinite values"):
        check_raw("diabetes", plugin, replace(data, targets=broken))


def test_inputs_are_finite_in_every_part():
    spec = SplitSpec(dataset="rows", train=0.4, validation=0.2, calibration=0.2)
    data = rows_data(LABELS)
    indices = draw_split("s", Rows(), data, spec)
    check_finite("s", Rows().inputs(data, indices))
    for part, index in indices.parts.items():
        values = data.values.copy()
        values[index[0]] = np.nan
        with pytest.raises(DataError, match=f"split s: {part} inputs contain NaN"):
            check_finite("s", Rows().inputs(replace(data, values=values), indices))


@pytest.mark.parametrize(
    ("plugin", "sound"),
    [
        (Scene(), True),
        (Scene(told=3), True),
        (Scene(told=0, reach=0), True),
        (Scene(told=0), False),
        (Scene(told=1), False),
        (Scene(global_moments=True), False),
    ],
)
def test_a_radius_smaller_than_what_inputs_read_is_refused(plugin, sound):
    data = plugin.read(None)
    spec = SplitSpec(dataset="scene", kind="spatial", train=0.4, validation=0.2)
    indices = draw_split("s", plugin, data, spec)
    if sound:
        check_radius("scene", plugin, data, indices)
    else:
        with pytest.raises(DataError, match=r"data set scene: .*farther away than radius\(\) = "):
            check_radius("scene", plugin, data, indices)
