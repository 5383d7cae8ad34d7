"""Pareto frontiers of accuracy against cost, and threshold selections, from stored outputs."""
