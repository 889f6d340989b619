"""Components: each module has ``show(...)`` and returns what the user chose."""
