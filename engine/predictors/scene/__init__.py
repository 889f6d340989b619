"""The predictor ``scene``: what an ImageNet network in a pip wheel sees in a photo, read as evidence about the place."""
