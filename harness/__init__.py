"""Study harness for early-exit neural networks: regimes, thresholds, Pareto frontiers."""
