"""Figures 1, 3 and 6 of Bianco et al. 2024 from the layers in use. Requires matplotlib, which is optional."""
