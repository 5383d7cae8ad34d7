"""The 178 wines of scikit-learn, in place of your own data."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from harness.core.types import Split
from harness.data.sets import DataSet, RawData, build_split, standardised
from harness.data.splits import SplitIndices

# A study names a split, which names a data set. Add one to params.yaml, below `splits:`:
#
#   template:
#     dataset: template
#     train: 0.5
#     validation: 0.25
#     calibration: 0.1      # what guarantees and temperatures are fitted on; 0 for none
#     seed: 0


@dataclass(frozen=True)
class Template(DataSet):
    """Rows of features [1, 13]; say here what the samples are, and where they are from."""

    # The folder below a mirror (--mirror, HARNESS_DATA_MIRROR) that holds its raw files.
    folder: ClassVar[str] = "template"
    # Class k is named classes[k]. Labels are 0, 1, 2 ... without gaps: subtract an offset in
    # `read`, and leave unlabelled samples (often 0) out. A regression sets `task`, overrides
    # `names` and gives RawData.targets.
    classes: ClassVar[tuple[str, ...]] = ("barolo", "grignolino", "barbera")
    # Files to fetch, with the digests that are accepted, stand in `files`. Without them, put yours
    # into data/raw/template/ by hand: `raw` below is that folder.

    def read(self, raw: Path) -> RawData:
        """Read the raw arrays, in their own units; raise DataError for a missing file."""
        # found = np.load(raw / "samples.npz")
        # values, labels = found["values"], found["labels"].astype(np.int64)
        from sklearn.datasets import load_wine

        del raw
        found = load_wine()
        values, labels = found.data, found.target.astype(np.int64)
        none = np.empty(0, dtype=np.int64)
        return RawData(
            values=values,
            labels=labels,
            # Samples of one scene (pixels of an image) have a row and a column each, [N, 2], by
            # which a spatial split keeps the parts apart; their inputs reach `radius()` pixels far,
            # a method to override. A map in the report needs positions too.
            positions=none.reshape(0, 2),
            # Indices of a canonical test part; without one, a split draws it.
            test=none,
        )

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Inputs [N, channels, *space], standardised by the training part's moments alone."""
        rows = standardised(data.values, data.values[indices.train])[:, None]
        return build_split(lambda i: rows[i], data.labels, indices, self.classes)
