"""Evidence by pointing at the photo: an object and its shadow, and marks for what is seen where."""
