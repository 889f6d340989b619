"""Bayesian inference on the overlay: prior, pooling, ranked search map, regions, candidate locations."""
