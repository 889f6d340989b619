"""Predictors: one file each; siblings never import each other. The protocol and its value are in ``base``."""
