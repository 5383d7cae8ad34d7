"""Data sets, verified by digest, and their splits into train, validation and test."""
