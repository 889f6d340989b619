"""Geometry of the sphere: distances, areas, grids, S2 cells, Web-Mercator tiles, points as text."""
