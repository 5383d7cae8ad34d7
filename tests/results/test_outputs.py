"""Stored outputs: what does not fit together is neither written nor read."""

import dataclasses

import numpy as np
import pytest

from harness.core.errors import DataError, TrialError
from harness.core.types import ExitLogits
from harness.results.outputs import read_logits, write_logits

VALUES = np.random.default_rng(0).normal(size=(2, 6, 4)).astype(np.float32)
OF_CLASSES = ExitLogits(VALUES, np.arange(6) % 4, VALUES[..., 0])
OF_TARGETS = ExitLogits(VALUES, VALUES[0, :, :2])


@pytest.mark.parametrize("logits", [OF_CLASSES, OF_TARGETS])
def test_what_was_written_is_read(tmp_path, logits):
    write_logits(tmp_path / "v.npz", logits)
    found = read_logits(tmp_path / "v.npz")
    assert np.array_equal(found.values, logits.values)
    assert np.array_equal(found.labels, logits.labels)
    assert (found.gates is None) == (logits.gates is None)


@pytest.mark.parametrize(
    ("logits", "changed", "fault"),
    [
        (OF_CLASSES, {"values": VALUES[0]}, r"values of shape \[E, N, K\] wanted"),
        (OF_CLASSES, {"labels": np.arange(5)}, "6 samples in values, 5 in labels"),
        (OF_CLASSES, {"labels": np.arange(6)}, "do not fit 4 outputs"),
        (OF_CLASSES, {"labels": np.arange(6) % 4 - 1}, "do not fit 4 outputs"),
        (OF_CLASSES, {"gates": VALUES[:1, :, 0]}, "gates of shape"),
        (OF_CLASSES, {"values": VALUES * np.nan}, "NaN"),
        (OF_TARGETS, {"labels": VALUES[0, :, :1]}, "do not fit 4 outputs"),
        (OF_TARGETS, {"labels": VALUES[0, :, :2] * np.nan}, "NaN"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, logits, changed, fault):
    path = tmp_path / "v.npz"
    wrong = dataclasses.replace(logits, **changed)
    with pytest.raises(TrialError, match=fault):
        write_logits(path, wrong)
    assert not path.exists()
    arrays = {"values": wrong.values, "labels": wrong.labels}
    np.savez(path, **(arrays if wrong.gates is None else {**arrays, "gates": wrong.gates}))
    with pytest.raises(
        DataError, match=rf"v.npz: not readable logits \(.*{fault}.*launch the study"
    ):
        read_logits(path)
