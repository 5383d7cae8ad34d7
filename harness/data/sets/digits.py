"""scikit-learn's 1,797 handwritten digits (8 x 8), bundled with it: no download."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from harness.core.types import Split
from harness.data.sets import DataSet, RawData, build_split
from harness.data.splits import SplitIndices


@dataclass(frozen=True)
class Digits(DataSet):
    """UCI optical digits (Alpaydin and Kaynak, 1998); inputs [1, 8, 8]."""

    folder: ClassVar[str] = "digits"
    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")

    def read(self, raw: Path) -> RawData:
        """Read the copy inside scikit-learn; `raw` is unused."""
        from sklearn.datasets import load_digits

        del raw
        found = load_digits()
        none = np.empty(0, dtype=np.int64)
        return RawData(found.images, found.target.astype(np.int64), none.reshape(0, 2), none)

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Images [1, 8, 8], standardised by the training part's mean and standard deviation."""
        images = data.values.astype(np.float32)[:, None]
        train = images[indices.train]
        images = (images - train.mean()) / train.std()
        return build_split(
            lambda i: np.ascontiguousarray(images[i]), data.labels, indices, self.classes
        )
