"""How layers, a view and a camera become a deck.

`pydeck.Deck(...)` looks for its Jupyter widget five times, in vain and for 3 ms; a slider tick has 20. So the same
object is filled by hand; a test holds it equal to one made the usual way.
"""

from collections.abc import Sequence

import pydeck

# What pydeck writes for "no style was asked for". Without it Streamlit puts Carto's map, from Carto's host, below a
# flat map, whatever the provider is.
NO_BASE_MAP = "__MAP_STYLE__"
TOOLTIP = {"text": "{rank}. {text}"}


def assemble_deck(layers: Sequence[pydeck.Layer], view: pydeck.View, camera: pydeck.ViewState) -> pydeck.Deck:
    """Return a deck without a base map provider (no request leaves the machine) and with a plain-text tooltip."""
    deck = pydeck.Deck.__new__(pydeck.Deck)
    deck.layers = list(layers)
    deck.views = [view]
    deck.initial_view_state = camera
    deck.map_provider = None
    deck.map_style = NO_BASE_MAP
    deck._tooltip = TOOLTIP
    deck._show_error = False
    return deck
