"""Thresholds, Pareto frontiers, hypervolume and metrics: pure functions of cached logits."""
