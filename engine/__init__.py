"""Where on Earth was this photo taken? Answered as a search region: square kilometres and a probability.

One glossary for the whole engine:

- latitude before longitude, degrees, WGS 84; array axes are ``[latitude, longitude]``; row 0 is the northernmost.
- areas in km2 (``area_km2``), distances in km; one sphere of radius 6371.0088 km everywhere.
- ``probability`` is mass (sums to 1); ``density`` is mass per km2; ``log_density`` its natural logarithm.
- a *predictor* turns a photo into a ``Prediction``: one probability per label of one *partition* of the Earth.
- an *overlay* is the common refinement of partitions; pooling predictions on it gives a ``SearchMap``;
  a ``SearchMap`` ranks the Earth and yields a search ``Region`` for an area budget or a probability mass.

Importing this package loads neither torch nor streamlit.
"""
