"""The predictor ``scene``: what an ImageNet network in a pip wheel sees in a photo, as evidence about the place."""
