"""Metrics of one network at one operating point."""
