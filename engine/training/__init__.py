"""Networks trained on geotagged photos: attributes of the ground (Bianco et al. 2024, section 5.1) and geocells.

Photos are labelled by layers, balanced, split so that no place and no author is on two sides, and learned; what comes
out is a checkpoint that ``attribute_head`` and ``cell_classifier`` read, with a model card. Torch is imported only when
training begins.
"""
