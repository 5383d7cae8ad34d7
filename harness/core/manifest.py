"""Specification of a split in `params.yaml`, and the manifest of the split as prepared."""

from typing import Literal

import pydantic

from harness.core.records import Record
from harness.core.types import DataShape, TaskName


class SplitSpec(Record):
    """One entry of `splits:` in `params.yaml`.

    Attributes
    ----------
    parameters
        Of the data set, such as the patch size.
    kind
        `random` is stratified by class; `spatial` divides a scene into blocks, so that no test or
        validation sample lies within a patch radius of a training sample.
    train, validation
        Shares of the samples that are not the canonical test part; the rest is the test part
        where there is no canonical one, and left out otherwise.
    """

    model_config = pydantic.ConfigDict(strict=True, allow_inf_nan=False)

    dataset: str
    parameters: dict[str, bool | int | float | str] = pydantic.Field({})
    kind: Literal["random", "spatial"] = "random"
    train: float = pydantic.Field(gt=0, lt=1)
    validation: float = pydantic.Field(gt=0, lt=1)
    seed: int = pydantic.Field(0, ge=0, lt=2**32)

    @pydantic.model_validator(mode="after")
    def _shares(self) -> "SplitSpec":
        if self.train + self.validation > 1 + 1e-9:
            raise ValueError(f"train + validation is {self.train + self.validation}, above 1")
        return self


class Manifest(Record):
    """Description of a prepared split: classes, shapes, counts, digests.

    Attributes
    ----------
    source
        Per raw file, the version that its digest identifies ("reconstructed cube", say).
    classes
        Names of the classes, or of a regression's targets.
    counts
        Samples of each class in train, validation and test; of all samples for regression.
    scales
        Standard deviation of each target of a regression on the training part, in its own unit.
    digest
        Hash of the spec, the raw arrays and the indices.
    """

    name: str
    spec: SplitSpec
    source: dict[str, str]
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    counts: dict[str, tuple[int, ...]]
    digest: str
    task: TaskName = "classification"
    scales: tuple[float, ...] = ()

    @property
    def shape(self) -> DataShape:
        """Input shape, number of outputs and task: all that a network is built from."""
        return DataShape(self.input_shape, len(self.classes), self.task)

    @property
    def error_scale(self) -> float:
        """RMSE of always predicting a regression's training mean, on its training part.

        In the target's own unit where there is one, else 1: several are standardised.
        """
        return self.scales[0] if len(self.scales) == 1 else 1.0

    @property
    def provenance(self) -> str:
        """Data set and version of its files, as shown on every figure."""
        notes = sorted({note for note in self.source.values() if note != "canonical"})
        return f"{self.spec.dataset} ({', '.join(notes) or 'canonical files'})"
