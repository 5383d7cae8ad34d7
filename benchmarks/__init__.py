"""Benchmarks: each file of this folder is one; `python -m benchmarks` runs them."""
