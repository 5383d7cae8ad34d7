"""What every data set keeps, on its own raw files where these are there."""

import functools
from pathlib import Path
from typing import Any

import numpy as np

from harness.contracts import Check, NotChecked, expect
from harness.core.manifest import SplitSpec
from harness.core.plugins import Registry
from harness.core.types import Split
from harness.data.checks import check_finite, check_radius
from harness.data.draw import draw_split
from harness.data.prepare import read_raw
from harness.data.sets import DataSet, RawData
from harness.data.splits import SplitIndices

_SCENE_AXES = 3
_FAR = 1e-2
"""How far a standardised mean of the training part may be from 0, in deviations."""


def checks(raw: Path) -> tuple[Check, ...]:
    """The checks of a data set whose raw files lie in a folder, `raw/NAME/`."""
    read = functools.cache(lambda registry, name: _read(registry, name, raw))

    def says_what_it_is(registry: Registry[Any], name: str) -> None:
        """It names its classes, or its targets, each once."""
        plugin = registry.get(name)()
        names = plugin.names()
        expect(names, "no names; set `classes`, or for a regression `task` and `names`")
        expect(len(set(names)) == len(names), f"a name comes twice in {names}")

    def can_be_read(registry: Registry[Any], name: str) -> None:
        """Its raw files give labels within its classes, and arrays that fit together."""
        read(registry, name)

    def has_positions_where_it_is_a_scene(registry: Registry[Any], name: str) -> None:
        """Samples cut out of one scene have positions, so that a split can keep them apart."""
        _, data, _ = read(registry, name)
        scene = data.values.ndim >= _SCENE_AXES and len(data.values) != len(data.labels)
        expect(
            not scene or len(data.positions),
            f"values {list(data.values.shape)} for {len(data.labels)} labels, without positions",
        )

    def gives_inputs(registry: Registry[Any], name: str) -> None:
        """Its inputs are finite, of one shape, and a second call gives the same."""
        plugin, data, indices = read(registry, name)
        first, second = (plugin.inputs(data, indices) for _ in range(2))
        check_finite(name, first)
        for part, found in first.parts.items():
            same = np.array_equal(found.inputs, second.parts[part].inputs)
            expect(same, f"the {part} inputs of a second call are others")
            samples = len(getattr(indices, part))
            expect(len(found.inputs) == samples, f"{len(found.inputs)} {part} inputs of {samples}")

    def is_standardised_on_training_alone(registry: Registry[Any], name: str) -> None:
        """Inputs are standardised by the training part's moments, not by those of all samples."""
        plugin, data, indices = read(registry, name)
        split = plugin.inputs(data, indices)
        if split.graph is not None:
            return
        fewer = SplitIndices(indices.train, indices.validation[:1], indices.test[:1])
        alone = plugin.inputs(data, fewer)
        same = np.array_equal(_train(split), _train(alone))
        expect(same, "the training inputs change with the samples of the other parts")

    def says_how_far_its_inputs_reach(registry: Registry[Any], name: str) -> None:
        """Inputs cut out of a scene read no pixel farther away than `radius()` says."""
        plugin, data, indices = read(registry, name)
        if len(data.positions):
            check_radius(name, plugin, data, indices)

    return (
        says_what_it_is,
        can_be_read,
        has_positions_where_it_is_a_scene,
        gives_inputs,
        is_standardised_on_training_alone,
        says_how_far_its_inputs_reach,
    )


def _train(split: Split) -> Any:
    return split.train.inputs if split.standardisation is None else split.standardisation.mean


def _read(registry: Registry[Any], name: str, raw: Path) -> tuple[DataSet, RawData, SplitIndices]:
    """The data set as built, its raw data and a random split of them."""
    missing = [file.name for file in registry.get(name).files]
    missing = [file for file in missing if not (raw / name / file).is_file()]
    if missing:
        raise NotChecked(f"{raw / name / missing[0]} is missing; `harness data fetch {name}` first")
    spec = SplitSpec(dataset=name, train=0.5, validation=0.25)
    plugin, data, _ = read_raw(name, spec, raw)
    return plugin, data, draw_split(name, plugin, data, spec)
