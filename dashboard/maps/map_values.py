"""What the browser's map shows and what it answers, as values. Knows no Streamlit and makes no request.

A `MapView` says what is on the map now; the browser keeps what the user does with it (camera, budget, layers) and
tells once a movement has ended. Whoever changes camera, budget or look from Python counts up its `turn`: the browser
follows a new turn and otherwise goes on with what the user did.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dashboard.maps.views import View
from engine.geometry.sphere import unit_vectors
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.partitions.overlay import Overlay

MAX_PLACES = 50
"""Candidates on a map at most."""

Base = Literal["auto", "dark", "light", "satellite"]
MarkerKind = Literal["candidate", "claim", "truth", "lkp"]
Tool = Literal["layers", "measure", "picture", "full"]


@dataclass(frozen=True, eq=False)
class RankedLayer:
    """A search map: the region is cut from it, or it lies below the region as heat, or a region is compared with it.

    Attributes:
        name: of the layer, unique on the map.
        title: as the user reads it.
        make: gives the map; called once the layer is on the map, and cheap when it is called again.
    """

    name: str
    title: str
    make: Callable[[], SearchMap]


@dataclass(frozen=True, eq=False)
class ClassLayer:
    """A layer of classes, each cell in the color of its own.

    Attributes:
        name: as in ``RankedLayer``.
        title: as in ``RankedLayer``.
        overlay: the cells.
        labels: ``(cells,)`` class of each cell, below 255; -1 where it has none.
        palette: red, green, blue and alpha (0 to 255) of each class.
        titles: of each class, for the legend.
        note: below the legend: whether the layer is an approximation.
    """

    name: str
    title: str
    overlay: Overlay
    labels: npt.NDArray[np.int32]
    palette: tuple[tuple[int, int, int, int], ...]
    titles: tuple[str, ...]
    note: str = ""


Layer = RankedLayer | ClassLayer


@dataclass(frozen=True)
class Marker:
    """A button on the map.

    Attributes:
        latitude: in degrees.
        longitude: in degrees.
        label: a sign or two.
        text: what it is, for pointers and screen readers.
        kind: chooses the color.
        rank: of a candidate.
        chosen: drawn in another color.
    """

    latitude: float
    longitude: float
    label: str
    text: str
    kind: MarkerKind = "candidate"
    rank: int | None = None
    chosen: bool = False


@dataclass(frozen=True, eq=False)
class ImageOverlay:
    """A picture on the ground, in Web Mercator between its edges.

    Attributes:
        image: JPEG or PNG bytes.
        west: longitude of its left edge.
        south: latitude of its lower edge.
        east: likewise.
        north: likewise.
    """

    image: bytes
    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class RegionRequest:
    """How large the region may be: an area in km2, or the probability that it holds at least; exactly one of them."""

    area_km2: float | None = None
    probability: float | None = None


@dataclass(frozen=True, eq=False)
class ShownRegion:
    """The region as Python knows it, and the request that it answers.

    Attributes:
        request: what was asked for.
        turn: counted up by Python whenever the request is its own and not the browser's.
        region: the answer; its numbers replace those that the browser worked out, and its last cell is drawn exactly.
    """

    request: RegionRequest
    turn: int = 0
    region: Region | None = None


@dataclass(frozen=True)
class Look:
    """What the user chose to see; part of links.

    Attributes:
        base: the base map.
        under: layer below the region, or empty.
        display: the region cell by cell, as smooth contours of 50, 80 and 95 %, or not at all.
        opacity: of the layer below, 0 to 1.
        compare: layer to compare with, or empty.
        comparison: a bar between both, or where probability went.
        graticule: whether meridians and parallels are drawn.
        units: of areas and distances.
        notation: of coordinates.
    """

    base: Base = "auto"
    under: str = ""
    display: Literal["cells", "contours", "none"] = "cells"
    opacity: float = 0.85
    compare: str = ""
    comparison: Literal["swipe", "difference"] = "swipe"
    graticule: bool = False
    units: Literal["metric", "imperial"] = "metric"
    notation: Literal["decimal", "dms", "ddm", "utm"] = "decimal"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Look":
        """What the browser sent; what it does not know stays as it is usually."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        return replace(cls(), **known)


@dataclass(frozen=True)
class Card:
    """What Python adds to the card of a click: rows of name and value."""

    latitude: float
    longitude: float
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Action:
    """A button on the card of a click; its name comes back with the point."""

    name: str
    title: str


@dataclass(frozen=True)
class Drawing:
    """That the user may draw an area, and what was drawn before; see ``dashboard.evidence.draw_map``.

    Attributes:
        shape: to be changed, or None to begin a new one.
        editable: whether its corners may be moved.
        repeat: each shape is sent and cleared, and the next one begins: for several areas one after the other.
    """

    shape: Mapping[str, Any] | None = None
    editable: bool = True
    repeat: bool = False


@dataclass(frozen=True, eq=False)
class MapView:
    """Everything that is on the map.

    Attributes:
        label: what the map is, for screen readers.
        title: above a saved picture.
        layers: those that can be shown; the first ranked one that ``main`` names is cut to the region.
        main: name of the layer that the region is cut from, or empty.
        region: its size.
        budget: whether the control of the budget is on the map.
        markers: best first.
        shapes: GeoJSON features, longitude first. Of their properties are read: ``color``, ``opacity``, ``width``,
            ``radius_m`` (a point becomes a circle), ``text`` (told under the pointer) and ``label`` with ``size`` (a
            point becomes that name).
        images: pictures on the ground, from bottom to top.
        camera: where the map begins, or flies when its turn changes.
        look: what is shown at first, or again when ``look_turn`` changes.
        look_turn: see ``look``.
        card: rows for the card of the last click.
        actions: buttons on that card.
        drawing: whether the user may draw.
        tools: buttons beside zoom and compass.
        height: in pixels, or the whole window.
        fallback: draws a PNG, for browsers without WebGL 2; called for those alone.
    """

    label: str
    title: str = ""
    layers: tuple[Layer, ...] = ()
    main: str = ""
    region: ShownRegion | None = None
    budget: bool = True
    markers: tuple[Marker, ...] = ()
    shapes: tuple[Mapping[str, Any], ...] = ()
    images: tuple[ImageOverlay, ...] = ()
    camera: View = field(default_factory=View)
    look: Look = field(default_factory=Look)
    look_turn: int = 0
    card: Card | None = None
    actions: tuple[Action, ...] = ()
    drawing: Drawing | None = None
    tools: tuple[Tool, ...] = ("layers", "measure", "picture", "full")
    height: int | Literal["fill"] = 620
    fallback: Callable[[], bytes] | None = None


@dataclass(frozen=True)
class PointAction:
    """A button of a card that was pressed."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class MapEvents:
    """What the user did; the last five come once, in the run that follows.

    Attributes:
        camera: where the map came to rest; None before it was moved.
        region: the budget that was let go; None before it was moved.
        look: what is shown; None before it was changed.
        clicked: latitude and longitude of a click.
        marker: rank of the marker that was pressed.
        action: the button of a card that was pressed.
        drawn: what was drawn or changed, as ``dashboard.evidence.draw_map.shape_of`` reads it.
    """

    camera: View | None = None
    region: RegionRequest | None = None
    look: Look | None = None
    clicked: tuple[float, float] | None = None
    marker: int | None = None
    action: PointAction | None = None
    drawn: object = None


def cut_of(region: Region) -> dict[str, Any] | None:
    """Which pixels of its last cell a region holds, for the graphics card; None where it holds whole cells alone.

    Returns:
        The number of whole cells, the unit vector to the middle of the next one, and the longest chord from it to a
        pixel that is inside.
    """
    if region.cut_pixels.size == 0:
        return None
    middle = region.overlay.center_of(int(region.search_map.order[region.whole_cells]))
    pixels = unit_vectors(*region.overlay.grid.point_of(region.cut_pixels))
    chord = float(np.sqrt(((pixels - middle) ** 2).sum(axis=-1).max()))
    return {"cells": region.whole_cells, "middle": [float(each) for each in middle], "chord": chord * (1 + 1e-6) + 1e-7}
