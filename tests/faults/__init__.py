"""Faults injected for real: what is stored afterwards equals an undisturbed run, value for value.

A few of each kind by default; many with HARNESS_SOAK=1, which `make soak` sets.
"""
