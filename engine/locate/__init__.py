"""Locate photos: compose predictors, evidence and pooling into a result."""
