"""Overlays on disk: plain memory-mapped rasters and compressed blocks."""
