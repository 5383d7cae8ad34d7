"""Two-phase plans that train backbone and last head first (arXiv 2407.14320)."""

from harness.regimes import Phase


def backbone_first(
    first_share: float, exits: int, then: tuple[tuple[int, ...], tuple[int, ...]]
) -> tuple[Phase, ...]:
    """Phase 1: all stages and head E, for `first_share` of the epochs; phase 2: `then`.

    One phase only for a network of one exit.

    Parameters
    ----------
    then
        Exit numbers (from 1) of the stages and of the heads that learn in the second phase.
    """
    every = tuple(range(1, exits + 1))
    if exits == 1:
        return (Phase(1.0, stages=every, heads=every),)
    stages, heads = then
    return (
        Phase(first_share, stages=every, heads=(exits,)),
        Phase(1 - first_share, stages=stages, heads=heads),
    )
