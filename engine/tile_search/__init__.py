"""Hierarchical tile search (paper B): from a photo, and if wanted a search map, down to one map tile."""
