"""What is not code: weights, galleries and other published files, with their records.

``catalog.py`` knows what exists and where, ``decide.py`` chooses, ``transport.py`` and ``download.py`` bring,
``store.py`` is the one door for everyone else, ``weights.py`` opens weights without ever running a pickle.
This package knows no predictor and imports neither torch nor a network client when it is imported.
"""
