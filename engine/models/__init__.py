"""The published networks as functions of their weights. Knows no photo, no partition and no place to fetch from."""
