"""Modelled land cover in the seven merged classes of Bianco et al. 2024, from colour, climate, altitude and people.

Approximates what ESA-CCI Land Cover maps; it is not a measurement. Every class but water, ice and towns gets a score
per pixel, and the highest wins; the scores are linear, so that a reader can follow why.
"""

import numpy as np
import numpy.typing as npt
from population_model import least_buckets
from regions import BROADLEAF_COUNTRY, DESERTS, GRAIN_BELTS, OPEN_COUNTRY, PINE_COUNTRY, WETLANDS, influence
from scipy import ndimage
from sources import CLIMATES, COLUMNS, ROWS, Earth, Floats, Mask

CROPLAND, BROADLEAF, OTHER_TREES, SHORT, FLOODED, URBAN, BARE = range(7)
URBAN_SHARE = 0.0055
"""Share of the land that is urban, about what ESA-CCI 2015 maps."""
BLOCK_ROWS = 450

Classes = npt.NDArray[np.uint8]


def land_cover(earth: Earth, urban: Floats, rural: Floats) -> Classes:
    """Class 0 to 6 per pixel, ``(ROWS, COLUMNS)``; water is in class 6. ``urban`` and ``rural`` are people per km2."""
    cover = np.full((ROWS, COLUMNS), BARE, np.uint8)
    fields = _Fields(earth, rural)
    for start in range(0, ROWS, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        cover[rows] = _classify(fields, rows)
    cover = _without_specks(cover)
    cover[towns(earth, urban)] = URBAN
    cover[~earth.land] = BARE
    return cover


def towns(earth: Earth, urban: Floats) -> Mask:
    """Built-up ground of towns, then the densest pixels by city people alone, up to ``URBAN_SHARE`` of the land."""
    built = (least_buckets(earth) >= 2)[earth.land]
    area = np.broadcast_to(earth.pixel_area_km2, urban.shape)[earth.land]
    rank = np.where(built, np.float32(np.inf), urban[earth.land])
    order = np.argsort(-rank, kind="stable")
    last = int(np.searchsorted(np.cumsum(area[order]), URBAN_SHARE * area.sum()))
    chosen = np.zeros(rank.size, bool)
    chosen[order[: max(last, int(built.sum()))]] = True
    mask = np.zeros(urban.shape, bool)
    mask[earth.land] = chosen
    return mask


class _Fields:
    """The predictors of land cover, cut to row blocks."""

    def __init__(self, earth: Earth, rural: Floats) -> None:
        self.earth, self.rural = earth, rural
        self.grain, self.wet = influence(GRAIN_BELTS), influence(WETLANDS)
        self.open, self.desert = influence(OPEN_COUNTRY), influence(DESERTS)
        self.pine, self.broad = influence(PINE_COUNTRY), influence(BROADLEAF_COUNTRY)

    def climate(self, rows: slice, codes: str) -> Floats:
        """1 where the climate is one of the codes, else 0."""
        table = np.isin(np.arange(33), [CLIMATES.index(code) for code in codes.split()]).astype(np.float32)
        return table[self.earth.climate[rows]]

    def mild(self, rows: slice) -> Mask:
        """Where the climate map says tundra below any treeline: snowy fjords of New Zealand and Chile."""
        low = (self.earth.altitude_m[rows] < 1000) & (np.abs(self.earth.latitude[rows]) < 50)
        return low & (self.climate(rows, "ET") > 0)


def _classify(fields: _Fields, rows: slice) -> Classes:
    """The best-scoring class of each pixel of some rows, towns and water not yet drawn."""
    red, green, blue = (fields.earth.colour[rows, :, band].astype(np.float32) for band in range(3))
    bright = (red + green + blue) / 3
    scores = {
        BARE: _bare(fields, rows, (red, green, blue), bright),
        CROPLAND: _cropland(fields, rows, bright, green / np.maximum(red, 1)),
        SHORT: 1.3 * fields.open[rows],
        FLOODED: _flooded(fields, rows, bright),
    }
    trees = _trees(fields, rows, bright, green / np.maximum(red, 1))
    leafy = _leafy(fields, rows, green / np.maximum(red, 1))
    scores[BROADLEAF] = np.where(leafy > 0, trees, -9)
    scores[OTHER_TREES] = np.where(leafy > 0, -9, trees)
    labels = np.array(sorted(scores), np.uint8)
    best: Classes = labels[np.stack([scores[label] for label in labels]).argmax(0)]
    return best


def _bare(fields: _Fields, rows: slice, bands: tuple[Floats, Floats, Floats], bright: Floats) -> Floats:
    """Ice, deserts and high rock. Red ground, as in Australia, carries shrubs; pale ground in a desert carries none."""
    red, green, blue = bands
    desert = fields.climate(rows, "BWh BWk")
    ruddy = np.clip((red / np.maximum(green, 1) - 1.36) * 60, 0, 60)
    limit = 118 + ruddy + 9 * fields.climate(rows, "BWk")
    score = np.where(desert > 0, (bright - limit) / 12, -3.0)
    steppe = fields.climate(rows, "BSh BSk Dwc Dwb Dsb Dsc Cwb Csa")
    score = np.where(steppe > 0, (bright - 146 - ruddy) / 12, score)
    polar = fields.climate(rows, "ET")
    snow = np.clip((np.minimum(np.minimum(red, green), blue) - 150) / 20, 0, 2)
    high = fields.earth.altitude_m[rows]
    far_north = np.clip((np.abs(fields.earth.latitude[rows]) - 74.5) / 2, -2, 2)
    cold_score = np.where(high > 3000, (bright - 128) / 12 + snow, far_north + 0.3 * snow)
    glacier = snow * np.clip((high - 800) / 300, 0, 1) * (np.abs(fields.earth.latitude[rows]) < 68)
    score = np.where(polar > 0, np.maximum(cold_score, glacier), score) + 2.5 * fields.desert[rows]
    score = np.where(fields.mild(rows), -3.0, score)
    return np.where(fields.climate(rows, "EF") > 0, 9.0, score).astype(np.float32)


def _trees(fields: _Fields, rows: slice, bright: Floats, greenness: Floats) -> Floats:
    """Trees are dark; people, deserts and tundra take them away, a warm wet climate adds to them."""
    limit = np.full_like(bright, 46.0)
    for codes, value in (
        ("Af Am", 60.0),
        ("Aw As", 54.0),
        ("Cfa Cwa", 53.0),
        ("BSh", 42.0),
        ("BSk", 34.0),
        ("Csa Csb", 52.0),
        ("Cfb Cfc Csc", 44.0),
        ("Dfa Dfb Dwa Dwb", 47.0),
        ("Dfc Dwc Dfd Dwd Dsc Dsd Dsb", 58.0),
        ("ET", 30.0),
        ("BWh BWk EF", 5.0),
    ):
        limit = np.where(fields.climate(rows, codes) > 0, np.float32(value), limit)
    limit = np.where(fields.mild(rows), bright + 10, limit)
    people = np.log10(fields.rural[rows] + 1)
    settled = 9.0 * np.clip(people - 1.0, 0, 2)
    rough = np.clip(fields.earth.relief_m[rows] / 150, 0, 1.5)
    return ((limit + 5 * rough + 18 * (greenness - 1.15) - settled - bright) / 10).astype(np.float32)


def _cropland(fields: _Fields, rows: slice, bright: Floats, greenness: Floats) -> Floats:
    """Fields need rain or irrigation, level ground and farmers."""
    score = np.full_like(bright, -2.2)
    for codes, value in (
        ("Cfa Cwa Dfa Dwa Csa", -0.5),
        ("Cfb Csb Dfb Dwb Dsa", -0.7),
        ("Aw As Am Cwb", -1.0),
        ("BSk BSh", -1.5),
        ("Af", -1.6),
        ("BWh BWk", -3.0),
        ("Dfc Dwc Dsc Cfc", -3.0),
        ("ET EF Dfd Dwd Dsd", -6.0),
    ):
        score = np.where(fields.climate(rows, codes) > 0, np.float32(value), score)
    people = np.log10(fields.rural[rows] + 1)
    rough = np.clip(fields.earth.relief_m[rows] / 120, 0, 3)
    high = np.clip((fields.earth.altitude_m[rows] - 2600) / 500, 0, 3)
    pale = np.clip((bright - 125) / 12, 0, 4)
    dark = np.clip((34 - bright) / 8, 0, 2)
    score += 1.15 * people + 1.3 * fields.grain[rows] + 0.5 * np.clip(greenness - 1, 0, 0.3)
    score -= rough + high + pale + dark
    return score.astype(np.float32)


def _flooded(fields: _Fields, rows: slice, bright: Floats) -> Floats:
    """Inside a known wetland: low, level and not pale."""
    level = np.clip(1 - fields.earth.relief_m[rows] / 40, -2, 1)
    return np.where(
        fields.wet[rows] > 0, 5.2 * fields.wet[rows] + level - 1.6 - np.clip((bright - 75) / 12, 0, 3), -9.0
    ).astype(np.float32)


def _leafy(fields: _Fields, rows: slice, greenness: Floats) -> Floats:
    """Above 0 where trees are mostly broad-leaved, which in a cool climate are the greener ones in the picture."""
    score = np.full_like(fields.rural[rows], 1.0)
    score -= 2.0 * fields.climate(rows, "Dfc Dfd Dwc Dwd Dsa Dsb Dsc Dsd ET Cfc Csc")
    cool = fields.climate(rows, "Dfb Cfb Dwb")
    score -= cool * 1.2 * np.clip((np.abs(fields.earth.latitude[rows]) - 47) / 5, -1, 1.5)
    northern = fields.earth.latitude[rows] > 0
    score += northern * fields.climate(rows, "Dfb Cfb Dwb Cfa") * np.clip(4 * (greenness - 1.45), -1.2, 1.2)
    mountain = np.clip((fields.earth.altitude_m[rows] - 900) / 500, 0, 2)
    outside_tropics = np.clip((np.abs(fields.earth.latitude[rows]) - 20) / 5, 0, 1)
    score -= fields.climate(rows, "Cfb Dfb Csb Csa Cfa Dwb") * mountain * outside_tropics
    score -= 1.8 * fields.pine[rows]
    score += 2.6 * fields.broad[rows]
    return score.astype(np.float32)


def _without_specks(cover: Classes) -> Classes:
    """Single pixels that no neighbour shares take the class of the 3 x 3 majority: they are noise of the JPEG."""
    best = np.zeros(cover.shape, np.float32)
    out = cover.copy()
    for label in range(7):
        share = ndimage.uniform_filter((cover == label).astype(np.float32), 3, mode=("nearest", "wrap"))
        np.copyto(out, np.uint8(label), where=share > best)
        np.maximum(best, share, out=best)
    return out
