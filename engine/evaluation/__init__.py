"""How far a map can be trusted: recall vs area, distances, calibration, fitted pooling. Above pipeline and ensemble.

Everything is measured on stored outputs of predictors, photo after photo over the cells of the overlay, so that a new
ensemble costs no new inference and Algorithm 3 of Bianco et al. 2024 costs a comparison and a dot product.
"""
