"""Neural networks: architectures, preprocessing, and the encoders that run them."""
