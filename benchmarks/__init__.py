"""Measures what a run costs, every figure as a ratio to a baseline of the same run."""
