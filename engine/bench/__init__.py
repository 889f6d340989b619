"""Benchmarks: speed as a ratio to a baseline, measured in one run."""
