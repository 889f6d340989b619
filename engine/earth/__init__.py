"""Pure geometry of the sphere: grids, S2 cells, partitions and their overlay. Knows no photo and no model."""
