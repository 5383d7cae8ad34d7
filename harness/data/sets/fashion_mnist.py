"""Fashion-MNIST: 60,000 + 10,000 images (28 x 28) in ten classes of clothing."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from harness.core.errors import DataError
from harness.core.types import Split, Standardisation
from harness.data.sets import DataSet, RawData, RawFile, build_split
from harness.data.splits import SplitIndices

_MIRROR = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_IMAGES_MAGIC = 2051
_LABELS_MAGIC = 2049


def _file(name: str, sha256: str) -> RawFile:
    return RawFile(name, (f"{_MIRROR}{name}.gz",), ((f"sha256:{sha256}", "canonical"),))


@dataclass(frozen=True)
class FashionMNIST(DataSet):
    """Xiao, Rasul and Vollgraf, arXiv 1708.07747; the test part is the canonical 10,000."""

    folder: ClassVar[str] = "FashionMNIST/raw"
    classes: ClassVar[tuple[str, ...]] = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    files: ClassVar[tuple[RawFile, ...]] = (
        _file(
            "train-images-idx3-ubyte",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        _file(
            "train-labels-idx1-ubyte",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        _file(
            "t10k-images-idx3-ubyte",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        _file(
            "t10k-labels-idx1-ubyte",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    )

    def read(self, raw: Path) -> RawData:
        """Read the four idx files; train comes before test."""
        images = [_read_idx(raw / self.files[i].name, _IMAGES_MAGIC, 3) for i in (0, 2)]
        labels = [_read_idx(raw / self.files[i].name, _LABELS_MAGIC, 1) for i in (1, 3)]
        every = np.concatenate(labels).astype(np.int64)
        if sum(map(len, images)) != len(every) or every.max() >= len(self.classes):
            raise DataError(f"{raw}: images and labels do not match")
        test = np.arange(len(labels[0]), len(every))
        return RawData(np.concatenate(images), every, np.empty((0, 2), dtype=np.int64), test)

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Images [1, 28, 28] as bytes, with the training part's mean and standard deviation."""
        images = data.values.astype(np.uint8, copy=False)[:, None]
        train = images[indices.train]
        moments = (np.array([moment], dtype=np.float32) for moment in (train.mean(), train.std()))
        return build_split(
            lambda i: images[i], data.labels, indices, self.classes, Standardisation(*moments)
        )


def _read_idx(path: Path, magic: int, axes: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """One idx file of unsigned bytes (LeCun's MNIST format)."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; `harness data fetch fashion_mnist`") from None
    header = np.frombuffer(content[: 4 * (1 + axes)], dtype=">u4")
    if len(header) != 1 + axes or header[0] != magic:
        raise DataError(f"{path}: not an idx file of {axes} axes (magic number {magic})")
    shape = tuple(int(size) for size in header[1:])
    body = content[4 * (1 + axes) :]
    if len(body) != math.prod(shape):
        raise DataError(f"{path}: {math.prod(shape)} bytes expected for {shape}, {len(body)} found")
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)
