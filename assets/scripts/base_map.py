"""The base map that needs no network: a dimmed Blue Marble, and Natural Earth's coasts and borders."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from sources import Bytes, Earth, Floats, arcs_in_degrees

WIDTH, HEIGHT = 4096, 2048
OVERSAMPLED = 3
"""Lines are drawn this much larger and reduced, so that they are antialiased."""
COAST_COLOUR, BORDER_COLOUR = (235, 240, 245, 170), (235, 240, 245, 105)
LIGHT, SATURATION, GAMMA = 0.78, 0.72, 0.85
"""Blue Marble is dimmed and greyed, so that heat colours stand out, and its dark forests are lifted a little."""
DARKEST = 8.0
"""Shadows and rivers are lifted to this, because pure black reads as a hole in the globe."""
SEA_COLOUR = np.array([13, 24, 42], np.float32)
SEA_DETAIL = 0.35
"""Share of Blue Marble's sea floor kept; its mosaic has a seam at 62 S that nothing should show."""

Line = npt.NDArray[np.float64]


def build_base_map(earth: Earth, folder: Path) -> None:
    """Writes ``blue_marble.webp``, ``lines.png`` and ``borders.geojson``."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(texture(earth)).save(folder / "blue_marble.webp", quality=90, method=6)
    coasts, borders = lines(earth.topology)
    draw_lines(coasts, borders).save(folder / "lines.png", optimize=True)
    write_geojson(coasts, borders, folder / "borders.geojson")


def texture(earth: Earth) -> Bytes:
    """Blue Marble at 4096 x 2048, dimmed and less saturated; shape ``(HEIGHT, WIDTH, 3)``."""
    resized = Image.fromarray(earth.blue_marble).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    picture = np.asarray(resized, np.float32)
    deep = sea(picture)
    picture = 255 * (np.maximum(picture, DARKEST) / 255) ** GAMMA
    grey = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    land = LIGHT * (grey[..., None] + SATURATION * (picture - grey[..., None]))
    shore = land_fraction(earth)[..., None]
    return np.clip(shore * land + (1 - shore) * deep, 0, 255).astype(np.uint8)


def sea(picture: Floats) -> Floats:
    """A dark sea with a hint of its floor, fading to one colour south of 58 S where the mosaic is broken."""
    latitude = 90 - (np.arange(HEIGHT, dtype=np.float32)[:, None, None] + 0.5) * 180 / HEIGHT
    trust = SEA_DETAIL * np.clip((latitude + 60) / 6, 0, 1) * np.clip((88 - latitude) / 4, 0, 1)
    return SEA_COLOUR + trust * np.clip(picture - np.array([10, 30, 60], np.float32), -25, 70)


def land_fraction(earth: Earth) -> Floats:
    """0 to 1, share of land of each texture pixel: lakes count as sea, ice shelves painted white as land."""
    dry = np.where(earth.lake, 0, earth.dry_subpixels * 15).astype(np.uint8)
    share = Image.fromarray(dry).resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    white = Image.fromarray((earth.blue_marble.min(-1) > 150).astype(np.uint8) * 255).resize((WIDTH, HEIGHT))
    return np.maximum(np.asarray(share, np.float32) / 240, np.asarray(white, np.float32) / 255)


def lines(topology: dict[str, Any]) -> tuple[list[Line], list[Line]]:
    """Coasts and borders, ``(n, 2)`` longitude and latitude; an arc that two countries share is a border."""
    uses = Counter(index if index >= 0 else ~index for index in _arc_indices(topology["objects"]["countries"]))
    arcs = arcs_in_degrees(topology)
    coasts = [part for index, count in sorted(uses.items()) if count == 1 for part in _without_frame(arcs[index])]
    borders = [part for index, count in sorted(uses.items()) if count > 1 for part in _without_frame(arcs[index])]
    return coasts, borders


def _arc_indices(collection: dict[str, Any]) -> Iterator[int]:
    for country in collection["geometries"]:
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                yield from ring


def _without_frame(arc: Line) -> Iterator[Line]:
    """The arc without what only cuts the map: steps along 180 degrees or the pole, and jumps across."""
    east, north = np.abs(arc[:, 0]) > 179.985, arc[:, 1] < -89.9
    framed = (east[1:] & east[:-1]) | north[1:] | north[:-1] | (np.abs(np.diff(arc[:, 0])) > 180)
    start = 0
    for index in [*np.flatnonzero(framed).tolist(), framed.size]:
        if index > start:
            yield arc[start : index + 1]
        start = index + 1


def draw_lines(coasts: list[Line], borders: list[Line]) -> Image.Image:
    """Coasts over borders as antialiased light lines; RGBA, ``WIDTH`` x ``HEIGHT``, palette of 32 alphas."""
    alpha = np.maximum(_drawn(borders) * BORDER_COLOUR[3], _drawn(coasts) * COAST_COLOUR[3])
    levels = np.round(alpha / 8).astype(np.uint8)
    image = Image.fromarray(levels, "P")
    image.putpalette(bytes(COAST_COLOUR[:3]) * 32, "RGB")
    image.info["transparency"] = bytes(min(level * 8, 255) for level in range(32))
    return image


def _drawn(parts: list[Line]) -> Floats:
    """How much of each pixel is under a line, 0 to 1."""
    size = (WIDTH * OVERSAMPLED, HEIGHT * OVERSAMPLED)
    canvas = Image.new("L", size)
    pen = ImageDraw.Draw(canvas)
    for part in parts:
        points = (part - (-180, 90)) * (size[0] / 360, -size[1] / 180)
        pen.line([tuple(point) for point in points.tolist()], fill=255, width=OVERSAMPLED + 1)
    return np.asarray(canvas.resize((WIDTH, HEIGHT), Image.Resampling.BOX), np.float32) / 255


def write_geojson(coasts: list[Line], borders: list[Line], path: Path) -> None:
    """A FeatureCollection of two MultiLineStrings, property ``kind``: ``coast`` and ``border``."""
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "MultiLineString", "coordinates": [_rounded(part) for part in parts]},
        }
        for kind, parts in (("coast", coasts), ("border", borders))
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    path.write_text(text, "utf-8")


def _rounded(part: Line) -> list[list[float]]:
    return np.round(part, 3).tolist()
