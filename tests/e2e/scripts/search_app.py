"""The dashboard with encoders of a test in place of CLIP's weights, which no test may fetch.

``HEREABOUTS_TEST_ENCODERS``: ``known`` for the small ones of the made-up Earth, ``random`` for CLIP's size, ``none`` to
leave everything as it is. ``HEREABOUTS_TEST_SLOW_S`` makes each batch of tiles take so long.
"""

import os
import runpy
import time
from pathlib import Path

from dashboard.tile_search import sources as search_sources
from engine.testing.synthetic_tiles import make_encoders
from engine.tile_search import tile_encoders

WHICH = os.environ.get("HEREABOUTS_TEST_ENCODERS", "known")
SLOW_S = float(os.environ.get("HEREABOUTS_TEST_SLOW_S", "0"))


def load(folder=None):
    made = make_encoders() if WHICH == "known" else tile_encoders.load_encoders(random_weights=1)
    if SLOW_S:
        quick = type(made).tiles
        slow = type("Slow", (type(made),), {"tiles": lambda self, *more: (time.sleep(SLOW_S), quick(self, *more))[1]})
        made = slow(made.encoder, made.weights)
    return made


if WHICH != "none":
    search_sources.load_encoders = load
    search_sources.encoder_ready = lambda: True

runpy.run_path(str(Path(__file__).parents[3] / "dashboard" / "app.py"), run_name="__main__")
