"""Disease progression of scikit-learn's 442 diabetes patients, bundled with it: a regression."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from harness.core.types import Split, TaskName
from harness.data.sets import DataSet, RawData, build_split, standardised
from harness.data.splits import SplitIndices

_STRATA = 5


@dataclass(frozen=True)
class Diabetes(DataSet):
    """Efron, Hastie, Johnstone and Tibshirani, Annals of Statistics 32 (2004); inputs [1, 10].

    The target is a measure of progression one year after baseline, from 25 to 346. Splits are
    stratified by its quintiles.
    """

    folder: ClassVar[str] = "diabetes"
    task: ClassVar[TaskName] = "regression"

    def names(self) -> tuple[str, ...]:
        """The one target."""
        return ("disease progression",)

    def read(self, raw: Path) -> RawData:
        """Read the copy inside scikit-learn, in its own units; `raw` is unused."""
        from sklearn.datasets import load_diabetes

        del raw
        found = load_diabetes(scaled=False)
        ends = np.quantile(found.target, np.linspace(0, 1, _STRATA + 1)[1:-1])
        strata = np.searchsorted(ends, found.target, side="right")
        none = np.empty(0, dtype=np.int64)
        return RawData(found.data, strata, none.reshape(0, 2), none, found.target[:, None])

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Rows [1, 10], each measurement and the target standardised on the training part."""
        rows = standardised(data.values, data.values[indices.train])[:, None]
        labels = standardised(data.targets, data.targets[indices.train])
        return build_split(lambda i: rows[i], labels, indices, self.names())
