"""The outputs of one network, as a file that any framework can write."""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.core.arrays import read_arrays
from harness.core.errors import InputError
from harness.core.types import ExitCosts, ExitLogits, Ints
from harness.results.given import Array, given_costs, given_outputs

PARTS = ("validation", "calibration", "test")
LARGEST = 2**32
"""Bytes of a file's arrays: 4 GiB."""
_NEEDED = (
    "validation_logits", "validation_labels", "test_logits", "test_labels", "costs",
)  # fmt: skip
_ALLOWED = (*_NEEDED, "calibration_logits", "calibration_labels", "parameters", "full_cost")
_REMEDY = "write it with numpy.savez"


@dataclass(frozen=True)
class Network:
    """A network that was trained elsewhere.

    Attributes
    ----------
    outputs
        By part (validation, test and perhaps calibration): logits [E, N, K] and labels [N].
    costs
        Parameters are 0 where they were not given.
    """

    outputs: Mapping[str, ExitLogits]
    costs: ExitCosts

    @property
    def classes(self) -> int:
        """K, the number of classes."""
        return int(self.outputs["test"].values.shape[-1])

    @property
    def digest(self) -> str:
        """Digest of all that it holds, by which it is known again: 32 hex digits."""
        arrays = {f"{part} logits": found.values for part, found in self.outputs.items()}
        costs = np.array([*self.costs.macs, self.costs.full, *self.costs.parameters])
        return _digest({**arrays, "costs": costs, **self._labels})

    @property
    def labels_digest(self) -> str:
        """Digest of the labels of all parts: of the samples that it was evaluated on."""
        return _digest({**self._labels, "classes": np.array(self.classes)})

    @property
    def _labels(self) -> dict[str, Array]:
        return {f"{part} labels": found.labels for part, found in self.outputs.items()}


def read_network(path: Path) -> Network:
    """Read and check the outputs of a network.

    The arrays are validation_logits, test_logits [E, N, K] (real numbers), validation_labels,
    test_labels [N] (whole numbers from 0), costs [E] (MACs of leaving at each exit), and optionally
    calibration_logits, calibration_labels, parameters [E] (of all that is passed up to each exit)
    and full_cost (MACs of the full network without its early exits; by default that of its last
    exit).

    Raises
    ------
    DataError
        It is missing, no npz file, lacks an array or holds one that is not of numbers.
    InputError
        An array has a wrong name, shape, type or value, or all arrays together are too large: the
        message names file and array, what was found and what is allowed.
    """
    _check_size(path)
    arrays = read_arrays(path, "outputs", _REMEDY, _NEEDED)
    if unknown := sorted(set(arrays) - set(_ALLOWED)):
        raise InputError(f"{path}: {unknown[0]}: no such array; allowed are {', '.join(_ALLOWED)}")
    outputs = {
        part: _part(path, arrays, part)
        for part in PARTS
        if {f"{part}_logits", f"{part}_labels"} & arrays.keys()
    }
    exits, _, classes = outputs["validation"].values.shape
    for part, found in outputs.items():
        if (found.values.shape[0], found.values.shape[2]) != (exits, classes):
            raise InputError(
                f"{path}: {part}_logits: {exits} exits and {classes} classes are wanted, as in "
                f"validation_logits, found {found.values.dtype} {list(found.values.shape)}"
            )
    return Network(outputs, _costs(path, arrays, exits))


def check_same_samples(first: tuple[Path, Network], other: tuple[Path, Network]) -> None:
    """Refuse two networks that were not evaluated on the same samples in the same order.

    Raises
    ------
    InputError
        The message names both files and the array.
    """
    (path, known), (other_path, found) = first, other
    both = f"of {other_path} and {path}"
    same = "all networks of a study have the same samples in the same order"
    if found.classes != known.classes:
        raise InputError(f"logits {both}: {found.classes} and {known.classes} classes; {same}")
    if found.outputs.keys() != known.outputs.keys():
        parts = " and ".join(f"{', '.join(each.outputs)}" for each in (found, known))
        raise InputError(f"parts {both}: {parts}; {same}")
    for part, outputs in known.outputs.items():
        if not np.array_equal(outputs.labels, found.outputs[part].labels):
            raise InputError(f"{part}_labels {both} differ; {same}")


def _part(path: Path, arrays: Mapping[str, Array], part: str) -> ExitLogits:
    names = (f"{part}_logits", f"{part}_labels")
    lacking = [name for name in names if name not in arrays]
    if lacking:
        raise InputError(f"{path}: {lacking[0]}: missing, though the other half is there")
    values, labels = (f"{path}: {name}" for name in names)
    found = given_outputs(arrays[names[0]], arrays[names[1]], values, labels)
    present = np.unique(found.labels)
    if len(present) < 2:  # noqa: PLR2004
        raise InputError(f"{labels}: at least 2 classes are wanted, found class {present[0]} alone")
    return found


def _costs(path: Path, arrays: Mapping[str, Array], exits: int) -> ExitCosts:
    macs = given_costs(arrays["costs"], exits, f"{path}: costs")
    full = np.asarray(arrays.get("full_cost", macs[-1]))
    if full.size != 1 or not (np.isfinite(full).all() and (full > 0).all()):
        raise InputError(
            f"{path}: full_cost: one number above 0 is wanted, found {full.dtype} {full.tolist()}"
        )
    parameters: Ints = np.zeros(exits, dtype=np.int64)
    if "parameters" in arrays:
        found = arrays["parameters"]
        if found.dtype.kind not in "iu":
            raise InputError(
                f"{path}: parameters: whole numbers are wanted, found {found.dtype} "
                f"{list(found.shape)}"
            )
        parameters = given_costs(found, exits, f"{path}: parameters").astype(np.int64)
    return ExitCosts(macs, float(full.reshape(())), parameters)


def _check_size(path: Path) -> None:
    """Refuse a file whose arrays would not fit the memory, before it is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        return  # what is wrong with it is said where it is read
    if size > LARGEST:
        raise InputError(f"{path}: arrays of {size} bytes, at most {LARGEST} are read")


def _digest(arrays: Mapping[str, Array]) -> str:
    found = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {values.dtype.str} {list(values.shape)}\n".encode())
        found.update(values.tobytes())
    return found.hexdigest()[:32]
