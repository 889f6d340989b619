"""What a photo changes on the browser's map: the order of the cells, and the probability that each of them adds.

Areas are not sent: the browser knows those of the cells and adds them in this order, as the engine does, to the same
last bit. Probabilities are whole parts of 2^32.
"""

from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from dashboard.maps.containers import FAST, Container, pack
from engine.inference.region import SUPPORT_TAIL
from engine.inference.search_map import SearchMap

WHOLE = 2**32


def ranked_table(search_map: SearchMap) -> Container:
    """The table of a map; made once."""
    if search_map not in _KEPT:
        _KEPT[search_map] = _packed(search_map)
    return _KEPT[search_map]


_KEPT: "WeakKeyDictionary[SearchMap, Container]" = WeakKeyDictionary()


def _packed(search_map: SearchMap) -> Container:
    order = search_map.order
    reached = np.rint(search_map.probability_up_to * WHOLE).astype(np.int64)
    steps = np.minimum(np.diff(reached), WHOLE - 1).astype(np.uint32)
    rising = search_map.steps[order]
    tied = np.append(rising[1:] == rising[:-1], False)
    # Where everything is inside lies below the steps of 2^-32.
    everything = search_map.region(mass=1.0).whole_cells
    support = search_map.count_in_support(SUPPORT_TAIL)
    return pack(
        {"kind": "ranked", "ranks": int(order.size), "everything": everything, "support": support},
        {"order": (order, "u24"), "steps": (steps, "u32"), "ties": (np.packbits(tied, bitorder="little"), "u8")},
        level=FAST,
    )


def class_table(labels: npt.NDArray[np.int32]) -> Container:
    """Labels by cell, below 255; -1 where a cell has none."""
    return pack({"kind": "classes"}, {"labels": (np.where(labels < 0, 255, labels).astype(np.uint8), "u8")}, level=FAST)
