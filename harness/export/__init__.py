"""A chosen network with its chosen thresholds, as a folder that runs without harness."""
