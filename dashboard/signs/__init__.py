"""Signs in the photo: they are read in the background, and what they suggest becomes evidence when it is accepted."""
