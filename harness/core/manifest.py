"""Specification of a split in `params.yaml`, and the manifest of the split as prepared."""

from typing import Annotated, Literal, TypeAlias

import pydantic

from harness.core.records import Record
from harness.core.result_format import current_format
from harness.core.types import DataShape, TaskName


def _amount(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if not whole and not (isinstance(value, float) and 0 < value < 1):
        raise ValueError("must be a share between 0 and 1, or samples per class (1, 2, ...)")
    return value


def _amount_or_none(value: object) -> object:
    return value if isinstance(value, int | float) and value == 0 else _amount(value)


SEEDS = 2**32
"""Seeds lie below it, as NumPy wants them."""

Amount: TypeAlias = Annotated[int | float, pydantic.BeforeValidator(_amount)]
"""Size of a part: a share below 1 of the samples, or a whole number of samples per class."""


class SplitSpec(Record):
    """One entry of `splits:` in `params.yaml`.

    Attributes
    ----------
    parameters
        Of the data set, such as the patch size.
    kind
        `random` is stratified by class; `spatial` divides a scene into blocks, with a margin.
    train, validation
        Shares of the samples that are not the canonical test part, or samples per class; the rest
        is the test part where there is no canonical one, and left out otherwise.
    calibration
        Share or number of those samples that is held out for guarantees and temperatures, which
        hold only on samples that chose nothing; 0 for none.
    margin
        Of a spatial split. `centre`: no pixel of another part lies within a patch radius of a
        training pixel; `patch`: no patch of another part shares a pixel with a training patch,
        which takes twice the radius (Nalepa et al. 2019, arXiv 1811.03707).
    """

    model_config = pydantic.ConfigDict(strict=True, allow_inf_nan=False)

    dataset: str
    parameters: dict[str, bool | int | float | str] = pydantic.Field({})
    kind: Literal["random", "spatial"] = "random"
    train: Amount
    validation: Amount
    calibration: Annotated[int | float, pydantic.BeforeValidator(_amount_or_none)] = 0
    margin: Literal["centre", "patch"] = "centre"
    seed: int = pydantic.Field(0, ge=0, lt=SEEDS)

    @pydantic.model_validator(mode="after")
    def _shares(self) -> "SplitSpec":
        amounts = (self.train, self.validation, self.calibration)
        shares = sum(amount for amount in amounts if isinstance(amount, float))
        if shares > 1 + 1e-9:
            raise ValueError(f"train + validation + calibration is {shares}, above 1")
        if self.kind == "spatial" and any(isinstance(a, int) and a for a in amounts):
            raise ValueError("a spatial split takes shares, found a number of samples per class")
        if self.kind == "random" and self.margin == "patch":
            raise ValueError("margin: patch is of spatial splits, found a random one")
        return self


class Manifest(Record):
    """Description of a prepared split: classes, shapes, counts, digests.

    Attributes
    ----------
    source
        Per raw file, the version that its digest identifies ("canonical", say).
    classes
        Names of the classes, or of a regression's targets.
    counts
        Samples of each class in each part that has any; of all samples for regression.
    unused
        Samples of each class that are in no part: lost to a spatial split's margin, or left out
        by the shares; of all samples for regression.
    shared_pixels
        Share of the test samples whose patch shares a pixel with a training patch; None where
        samples have no place in a scene, or are nodes of a graph.
    scales
        Standard deviation of each target of a regression on the training part, in its own unit.
    digest
        Hash of all that the split's arrays depend on (`harness.data.prepare.digest`).
    code
        Digest of the code of the data set's plug-in, which makes the inputs.
    format
        Result format (`harness.core.result_format`).
    """

    name: str
    spec: SplitSpec
    source: dict[str, str]
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    counts: dict[str, tuple[int, ...]]
    digest: str
    code: str
    task: TaskName = "classification"
    scales: tuple[float, ...] = ()
    unused: tuple[int, ...] = ()
    shared_pixels: float | None = None
    format: int = pydantic.Field(default_factory=current_format)

    @property
    def shape(self) -> DataShape:
        """Input shape, number of outputs and task: all that a network is built from."""
        return DataShape(self.input_shape, len(self.classes), self.task)

    @property
    def calibrated_on(self) -> str:
        """Name of the part that guarantees and temperatures are fitted on.

        It is validation where there is no calibration part; then no guarantee holds, since networks
        and thresholds were chosen on it.
        """
        return "calibration" if "calibration" in self.counts else "validation"

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
