"""What studies came to: frontiers, operating points and comparisons, as tables."""
