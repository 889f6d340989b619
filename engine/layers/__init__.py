"""What the satellites say about the ground, as partitions. Knows no photo and no probability."""
