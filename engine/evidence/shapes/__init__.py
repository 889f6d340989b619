"""Drawn areas: polygons and circles, from GeoJSON and on a grid."""
