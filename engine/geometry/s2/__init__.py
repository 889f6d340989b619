"""S2 cells in bulk: ids, parents, corners, areas; ids equal those of s2sphere."""
