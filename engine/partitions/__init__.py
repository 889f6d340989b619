"""Partitions of the Earth into labelled cells, and the overlay that is their common refinement."""
