"""Gradient equilibrium (Li et al. 2019, arXiv 1908.06294), shared by its regimes."""

from harness.regimes import Phase


def equilibrium_plan(exits: int) -> tuple[Phase, ...]:
    """One phase that trains everything, with gradients rescaled where the network branches.

    Before exit i of k, the gradient of its head is scaled by 1/(k-i+1) and that of the deeper part
    by (k-i)/(k-i+1): every stage then learns from the mean of the losses after it, so that its
    gradient does not grow with the number of exits. Gradients of heads are not scaled.
    """
    every = tuple(range(1, exits + 1))
    behind = range(exits, 1, -1)
    scales = tuple((1 / count, (count - 1) / count) for count in behind)
    return (Phase(1.0, stages=every, heads=every, scales=scales),)
