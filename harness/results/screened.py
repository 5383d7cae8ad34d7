"""How far a configuration was trained, in a study that trains only the better ones in full."""

import pydantic

from harness.core.records import Record


class Screened(Record):
    """The rungs of a configuration: on each the better ones are trained further.

    Attributes
    ----------
    rung
        The last one that it was trained on, from 0: with `promote` the first seeds, then all;
        with `fidelity` the first number of epochs, then the others.
    hypervolumes
        On validation, of each rung on which it was decided whether it goes on: the mean over the
        rung's seeds of each seed's own hypervolume.
    lower
        Keys of the trials of lower rungs that are none of the last one's.
    """

    rung: int = pydantic.Field(ge=0)
    hypervolumes: tuple[float, ...] = ()
    lower: tuple[str, ...] = pydantic.Field((), exclude_if=lambda found: not found)
