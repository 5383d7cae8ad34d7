"""Companies: which seeds of a configuration train together as one stack."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.core.study_spec import StudySpec
from harness.core.trial_spec import TrainedOn, TrialSpec


def companies(
    seeds: Sequence[int], most: int | None, batches: Sequence[Sequence[int]] = ()
) -> dict[int, tuple[int, ...]]:
    """The company of each seed that trains in one: at most `most` seeds in their order.

    Seeds that a study was given later keep company among themselves, so that those it had keep
    theirs, and with it their results.

    Parameters
    ----------
    most
        The study's `stack`; None where every seed trains alone.
    batches
        As of `harness.core.trial_spec.TrainedOn`.

    Examples
    --------
    >>> companies((0, 1, 2, 3, 4), 2)
    {0: (0, 1), 1: (0, 1), 2: (2, 3), 3: (2, 3)}
    """
    if most is None:
        return {}
    known = {seed for batch in batches for seed in batch}
    found: dict[int, tuple[int, ...]] = {}
    for batch in (*batches, [seed for seed in seeds if seed not in known]):
        own = [seed for seed in batch if seed in seeds]
        for first in range(0, len(own), most):
            company = tuple(own[first : first + most])
            found |= {seed: company for seed in company if len(company) > 1}
    return found


def batches_of(study: StudySpec, on: TrainedOn) -> tuple[tuple[int, ...], ...]:
    """The seeds that keep company among themselves, apart from those of later batches.

    With `promote` the first seeds are trained before the others, and so without them.
    """
    if study.promote is None:
        return on.batches
    first = study.seeds[: study.promote.after]
    others = (tuple(seed for seed in batch if seed not in first) for batch in on.batches)
    return (first, *others)


def together(specs: Iterable[TrialSpec]) -> tuple[tuple[TrialSpec, ...], ...]:
    """What trains together: trials of one company, or one alone; in the order of the first ones."""
    found: dict[str, list[TrialSpec]] = {}
    for spec in specs:
        found.setdefault(replace(spec, seed=0).key if spec.company else spec.key, []).append(spec)
    return tuple(map(tuple, found.values()))


def members(spec: TrialSpec) -> tuple[TrialSpec, ...]:
    """The trials of a stack, of which `spec` is one: all of its company."""
    return tuple(replace(spec, seed=seed) for seed in spec.company)
