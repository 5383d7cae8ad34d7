"""Figures of merit of one network at one operating point."""
