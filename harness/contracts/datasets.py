"""What every data set keeps, on its own raw files where these are there."""

import functools
from pathlib import Path

import numpy as np

from harness.contracts import Check, NotChecked, expect
from harness.core.manifest import SplitSpec
from harness.core.plugins import Registry
from harness.core.types import Inputs, Split
from harness.data.checks import check_finite, check_radius
from harness.data.draw import draw_split
from harness.data.prepare import read_raw
from harness.data.sets import DataSet, RawData
from harness.data.splits import SplitIndices

_SCENE_AXES = 3


class DataSetChecks:
    """The checks of a data set whose raw files lie in a folder, `raw/NAME/`."""

    def __init__(self, raw: Path) -> None:
        self._raw = raw
        self._read = functools.cache(self._read_anew)

    def says_what_it_is(self, registry: Registry[DataSet], name: str) -> None:
        """It names its classes, or its targets, each once."""
        names = registry.get(name)().names()
        expect(names, "no names; set `classes`, or for a regression `task` and `names`")
        expect(len(set(names)) == len(names), f"a name comes twice in {names}")

    def can_be_read(self, registry: Registry[DataSet], name: str) -> None:
        """Its raw files give labels within its classes, and arrays that fit together."""
        self._read(registry, name)

    def has_positions_where_it_is_a_scene(self, registry: Registry[DataSet], name: str) -> None:
        """Samples cut out of one scene have positions, so that a split can keep them apart."""
        _, data, _ = self._read(registry, name)
        scene = data.values.ndim >= _SCENE_AXES and len(data.values) != len(data.labels)
        expect(
            not scene or len(data.positions),
            f"values {list(data.values.shape)} for {len(data.labels)} labels, without positions",
        )

    def gives_inputs(self, registry: Registry[DataSet], name: str) -> None:
        """Its inputs are finite, one for each sample, and a second call gives the same."""
        plugin, data, indices = self._read(registry, name)
        first, second = (plugin.inputs(data, indices) for _ in range(2))
        check_finite(name, first)
        for part, found in first.parts.items():
            same = np.array_equal(found.inputs, second.parts[part].inputs)
            expect(same, f"the {part} inputs of a second call are others")
            samples = len(getattr(indices, part))
            expect(len(found.inputs) == samples, f"{len(found.inputs)} {part} inputs of {samples}")

    def is_standardised_on_training_alone(self, registry: Registry[DataSet], name: str) -> None:
        """Inputs are standardised by the training part's moments, not by those of all samples."""
        plugin, data, indices = self._read(registry, name)
        split = plugin.inputs(data, indices)
        if split.graph is not None:
            return
        fewer = SplitIndices(indices.train, indices.validation[:1], indices.test[:1])
        same = np.array_equal(_trained_on(split), _trained_on(plugin.inputs(data, fewer)))
        expect(same, "the training inputs change with the samples of the other parts")

    def says_how_far_its_inputs_reach(self, registry: Registry[DataSet], name: str) -> None:
        """Inputs cut out of a scene read no pixel farther away than `radius()` says."""
        plugin, data, indices = self._read(registry, name)
        if len(data.positions):
            check_radius(name, plugin, data, indices)

    def all(self) -> tuple[Check, ...]:
        """In the order in which a reader of the file would ask."""
        return (
            self.says_what_it_is,
            self.can_be_read,
            self.has_positions_where_it_is_a_scene,
            self.gives_inputs,
            self.is_standardised_on_training_alone,
            self.says_how_far_its_inputs_reach,
        )

    def _read_anew(
        self, registry: Registry[DataSet], name: str
    ) -> tuple[DataSet, RawData, SplitIndices]:
        """The data set as built, its raw data and a random split of them."""
        files = [self._raw / name / file.name for file in registry.get(name).files]
        missing = [file for file in files if not file.is_file()]
        if missing:
            raise NotChecked(f"{missing[0]} is missing; `harness data fetch {name}` first")
        spec = SplitSpec(dataset=name, train=0.5, validation=0.25)
        plugin, data, _ = read_raw(name, spec, self._raw)
        return plugin, data, draw_split(name, plugin, data, spec)


def _trained_on(split: Split) -> Inputs:
    """The training inputs, or where bytes stay bytes the mean that they are standardised by."""
    return split.train.inputs if split.standardisation is None else split.standardisation.mean
