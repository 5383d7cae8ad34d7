"""Reader and writer of the trial folders."""
