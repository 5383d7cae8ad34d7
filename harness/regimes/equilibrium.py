"""Gradient equilibrium (Li et al. 2019, arXiv 1908.06294), for all regimes that use it."""

from harness.regimes import Phase


def equilibrium_plan(exits: int) -> tuple[Phase, ...]:
    """Everything learns together, with the gradients balanced where the network branches.

    Before exit i of k, its own exit sends back 1/(k-i+1) of its gradient and the deeper part
    (k-i)/(k-i+1): every stage then learns from the mean of the losses behind it, so that its
    gradient does not grow with the number of exits. Heads are not scaled.
    """
    every = tuple(range(1, exits + 1))
    behind = range(exits, 1, -1)
    scales = tuple((1 / count, (count - 1) / count) for count in behind)
    return (Phase(1.0, stages=every, heads=every, scales=scales),)
