"""Figures and the report, drawn from the tables of `harness.analysis`."""
