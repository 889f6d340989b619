"""Figures 1, 3 and 6 of paper A from the layers in use. Measures nothing; draws with matplotlib, which is optional."""
