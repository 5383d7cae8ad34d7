"""Runs one exported early-exit network. Needs NumPy and PyTorch or ONNX Runtime; not harness.

    python runtime.py inputs.npy > predictions.csv
    python runtime.py --scene cube.npy --mask labelled.npy --output map.npz

Inputs are raw, as `manifest.json` says: the export standardises them itself. Every stage runs on
the samples that have not left alone: those that left are dropped from the batch.
"""

import argparse
import csv
import importlib.util
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Names: TypeAlias = npt.NDArray[np.str_]


def _beside(name: str) -> ModuleType:
    """A module from beside this file: other exports in this process have others of the name."""
    file = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"{__name__}.{name}", file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from harness.export import runtime_inputs, runtime_policy, runtime_stages
else:
    runtime_inputs, runtime_policy, runtime_stages = map(
        _beside, ("runtime_inputs", "runtime_policy", "runtime_stages")
    )


class Prediction(NamedTuple):
    """The network's predictions; of a scene, maps [rows, columns] in place of [N].

    Attributes
    ----------
    labels
        int64 [N]: class indices from 0, in the order of the manifest's `classes`. Of a pixel that
        was not asked for -1.
    names
        str [N]: the names of these classes. Of a pixel that was not asked for empty.
    exits
        int64 [N]: the exit that each sample left by, from 1. Of a pixel that was not asked for 0.
    confidence
        float64 [N] in [0, 1]: the policy's, at that exit. Of a pixel that was not asked for NaN.
    """

    labels: Ints
    names: Names
    exits: Ints
    confidence: Floats


class EarlyExitRuntime:
    """An exported network.

    Parameters
    ----------
    folder
        Holds `manifest.json`, a program per stage, the policy's source and the statistics.
    backend
        `torch` or `onnx`; None takes the first of them that is installed and was exported.

    Raises
    ------
    ValueError
        No backend runs here.
    ImportError
        The policy needs a package that is not installed.
    """

    def __init__(self, folder: Path, backend: str | None = None) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.classes: tuple[str, ...] = tuple(self.manifest["data"]["classes"])
        self._inputs = runtime_inputs.RawInputs(folder, self.manifest["data"])
        self.programs = runtime_stages.load_stages(folder, self.manifest["stages"], backend)
        never = [np.inf if t is None else float(t) for t in self.manifest["thresholds"]]
        self._thresholds = np.array(never, dtype=np.float64)
        exits = len(self.programs)
        self._policy = runtime_policy.CarriedPolicy(folder, self.manifest["policy"], exits)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input: [channels, *space]."""
        return self._inputs.shape

    def predict(self, inputs: npt.ArrayLike, batch_size: int = 1000) -> Prediction:
        """Predict for raw inputs [N, channels, *space].

        Raises
        ------
        ValueError
            Their shape is another, or they are no numbers.
        """
        raw = np.asarray(inputs)
        starts = range(0, max(len(raw) if raw.ndim else 0, 1), batch_size)
        batches = (raw[i : i + batch_size] if raw.ndim else raw for i in starts)
        return self._joined(batches)

    def predict_scene(
        self, cube: npt.ArrayLike, mask: npt.ArrayLike | None = None, batch_size: int = 1000
    ) -> Prediction:
        """Predict for the pixels of a raw scene: maps [rows, columns].

        Patches are cut as for training, reflected at the scene's edges.

        Parameters
        ----------
        cube
            [rows, columns, bands], in the units of the raw data.
        mask
            [rows, columns]: which pixels are asked for, where it is not 0; by default all.

        Raises
        ------
        ValueError
            The network's samples are no pixels of a scene, or shapes do not fit.
        """
        scene = np.asarray(cube)
        asked = np.ones(scene.shape[:2], bool) if mask is None else np.asarray(mask) != 0
        if asked.shape != scene.shape[:2]:
            raise ValueError(f"mask {list(scene.shape[:2])} expected, found {list(asked.shape)}")
        found = self.predict_at(scene, np.argwhere(asked), batch_size)
        maps = [np.full(asked.shape, -1), np.full(asked.shape, "", found.names.dtype)]
        maps += [np.zeros(asked.shape, np.int64), np.full(asked.shape, np.nan)]
        for whole, values in zip(maps, found, strict=True):
            whole[asked] = values
        return Prediction(*maps)

    def predict_at(
        self, cube: npt.ArrayLike, positions: npt.ArrayLike, batch_size: int = 1000
    ) -> Prediction:
        """Predict for pixels of a raw scene, by their rows and columns [N, 2].

        Raises
        ------
        ValueError
            As `predict_scene`, or a position lies outside.
        """
        where = np.asarray(positions)
        if where.shape[1:] != (2,) or where.dtype.kind not in "iu":
            raise ValueError(f"positions [N, 2] expected, found {list(where.shape)}")
        raw = self._inputs.cut(np.asarray(cube), where.astype(np.int64), batch_size)
        return self._joined(raw)

    def _joined(self, batches: Iterable[npt.NDArray[np.generic]]) -> Prediction:
        found = [self._run(self._inputs.standardised(raw)) for raw in batches]
        found = found or [self._run(np.empty((0, *self.shape), np.float32))]
        labels, exits, confidence = (np.concatenate(part) for part in zip(*found, strict=True))
        return Prediction(labels, np.array(self.classes)[labels], exits, confidence)

    def _run(self, batch: npt.NDArray[np.float32]) -> tuple[Ints, Ints, Floats]:
        """Labels, exits and confidences of one batch of standardised inputs."""
        count = len(batch)
        labels, exits = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        confidences, inside = np.zeros(count), np.arange(count)
        state: tuple[npt.NDArray[np.float32], ...] = (batch,)
        for index, program in enumerate(self.programs):
            if not len(inside):
                break
            features, heads, logits, *gates = program(*state)
            predicted, confidence = self._policy.at_newest(logits, gates[0] if gates else None)
            leaves = np.ones(len(inside), dtype=bool)
            if index < len(self._thresholds):
                leaves = confidence >= self._thresholds[index]
            left = inside[leaves]
            labels[left], exits[left] = predicted[leaves], index + 1
            confidences[left] = confidence[leaves]
            inside, state = inside[~leaves], (features[~leaves], heads[:, ~leaves])
        return labels, exits, confidences


def main() -> None:
    """Write label, class, exit and confidence of each sample of an .npy file as CSV."""
    asked = _arguments()
    try:
        runtime = EarlyExitRuntime(Path(__file__).parent, asked.backend)
        if asked.scene:
            mask = None if asked.mask is None else _array(asked.mask)
            found = runtime.predict_scene(_array(asked.scene), mask)
        else:
            found = runtime.predict(_array(asked.inputs))
        if asked.output:
            _write(asked.output, found)
        else:
            _print(found)
    except BrokenPipeError:  # whoever read the lines has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, ImportError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the exported network beside this file.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("inputs", type=Path, nargs="?", help=".npy, raw: [N, channels, *space]")
    what.add_argument("--scene", type=Path, help=".npy, raw: [rows, columns, bands]")
    parser.add_argument("--mask", type=Path, help=".npy [rows, columns]: the pixels that are not 0")
    parser.add_argument("--output", type=Path, help=".npz to write, in place of CSV to print")
    parser.add_argument("--backend", choices=sorted(runtime_stages.PACKAGES))
    asked = parser.parse_args()
    if asked.mask and not asked.scene:
        parser.error("--mask goes with --scene")
    return asked


def _array(file: Path) -> npt.NDArray[np.generic]:
    """The array of an .npy file; raises ValueError where it is none or cannot be read."""
    try:
        found = np.load(file, allow_pickle=False)
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None
    except (ValueError, EOFError):
        found = None
    if not isinstance(found, np.ndarray):
        raise ValueError(f"{file}: not an array in an .npy file")
    return found


def _write(file: Path, found: Prediction) -> None:
    """Write the columns, or maps, as arrays of an .npz file; it appears whole."""
    scratch = file.with_name(f".{file.name}.part")
    with scratch.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **found._asdict())
    scratch.replace(file)


def _print(found: Prediction) -> None:
    """Write CSV; of a scene a line per pixel that was asked for, with its row and column."""
    writer = csv.writer(sys.stdout)
    asked = found.exits > 0
    places = np.argwhere(asked) if asked.ndim > 1 else np.empty((asked.sum(), 0), np.int64)
    head = ("row", "column")[: places.shape[1]]
    writer.writerow((*head, "label", "class", "exit", "confidence"))
    columns = (column[asked].tolist() for column in found)
    writer.writerows((*place, *row) for place, *row in zip(places.tolist(), *columns, strict=True))


if __name__ == "__main__":
    main()
