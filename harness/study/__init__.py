"""Studies: search space, proposals, workers and the launcher."""
