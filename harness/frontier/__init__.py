"""Thresholds, Pareto frontiers and threshold selections, computed from stored outputs."""
