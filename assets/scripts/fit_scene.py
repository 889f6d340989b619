"""Fits the model of the predictor ``scene`` and writes ``assets/models/scene.npz`` and its model card.

    uv run python assets/scripts/fit_scene.py ../shared/data

reads ``places/manifest.csv`` and ``photos/manifest.csv`` there, looks at every photo once (some minutes; ``--cache``
keeps what the network saw), chooses nothing by hand: all figures of the card are of groups of places left out. No photo
and no coordinate of one is stored. Deterministic up to the rounding of the linear algebra library.
"""

import argparse
import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.cluster.vq import kmeans2
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from engine.geometry.sphere import great_circle_km, unit_vectors
from engine.inference.world import World
from engine.layers.shipped import shipped_partition
from engine.partitions.partition import NOWHERE
from engine.partitions.photo_locations import default_photo_places
from engine.photos.photo import open_photo
from engine.predictors.scene.model import MODEL_PATH, Block, SceneModel, inputs_of, save_scene_model
from engine.predictors.scene.network import SceneNetwork, SceneView, load_network
from engine.predictors.scene.partitions import Regions, merged_partitions, partition_sources

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REGIONS = (64, 24, 8)
"""Regions of the world at three sizes, each a union of the finer ones; scores of all three are added."""
COMPONENTS = 100
"""Principal components of the network's outputs."""
PENALTY = 20.0
"""Ridge penalty on scores, in units of places; chosen by leave-groups-out log-loss (3 to 60 were tried)."""
OFFSET_PENALTY = 0.6
"""Penalty on the scores of the mean photo."""
EXPONENT, OFFSET_SHARE = 0.65, 0.7
"""What scores, and besides that the scores of the mean photo, are multiplied by: what is fitted in sample is too sharp,
and a part of the offset is how these photos were collected rather than what they show. Chosen likewise, between nats
gained and the share of photos that are hurt."""
SAMPLES = 3000
"""Combinations of labels that stand for the surface of the Earth while fitting."""
DISC_POINTS = 24
"""Points of the disc of a place's precision whose labels are averaged."""
GATE = (0.33, 0.38)
"""Place shares between which the predictor falls silent."""
FOLDS = 5
PLACE_KM = 20.0
"""Photos nearer than this are of one group, beside the groups of the manifest."""


@dataclass(frozen=True, eq=False)
class Photos:
    """What is known of the photos, ``(N,)`` each.

    Attributes:
        latitude, longitude, precision_km: of the place.
        group: number of the group that stays on one side of every split.
        kind: ``landscape``, ``heritage``, ``city`` or ``street``.
        inputs: ``(N, F)`` see ``inputs_of``.
        probability: ``(N, 1000)`` classes.
    """

    latitude: Array
    longitude: Array
    precision_km: Array
    group: Ints
    kind: npt.NDArray[np.str_]
    inputs: Array
    probability: Array

    @property
    def weight(self) -> Array:
        """Groups count alike within a kind, and kinds alike; the mean is 1."""
        weight = 1.0 / np.bincount(self.group)[self.group]
        for kind in np.unique(self.kind):
            weight[self.kind == kind] /= weight[self.kind == kind].sum()
        weight[self.kind == "street"] /= 3.0  # a dozen places
        return np.asarray(weight / weight.mean())


def kind_of(row: dict[str, str]) -> str:
    """The sort of photo that figures are split by."""
    if "source_set" not in row:
        return "street"
    if row["kind"] == "landscape":
        return "landscape"
    return "heritage" if row["source_set"] == "unesco_world_heritage" else "city"


def read_photos(data: Path, cache: Path | None) -> Photos:
    """All photos of the two manifests that are of places, with what the network saw."""
    rows, paths = [], []
    for name in ("places", "photos"):
        with (data / name / "manifest.csv").open(encoding="utf-8") as file:
            found = [row for row in csv.DictReader(file) if name == "places" or row["kind"] == "photo"]
        rows += found
        paths += [data / name / row["path"] for row in found]
    views = cached_views(paths, cache)
    latitude, longitude = (np.array([float(row[key]) for row in rows]) for key in ("lat", "lon"))
    precision = np.array([float(row.get("precision_km") or row.get("uncertainty_km") or 1.0) for row in rows])
    group = groups_of(latitude, longitude, [row.get("split_group", "") for row in rows])
    inputs = np.array([inputs_of(view) for view in views])
    kinds = np.array([kind_of(row) for row in rows])
    return Photos(latitude, longitude, precision, group, kinds, inputs, np.array([view.probability for view in views]))


def cached_views(paths: Sequence[Path], cache: Path | None) -> list[SceneView]:
    """What the network sees in each photo; kept in a file named by the paths, where a folder is given."""
    name = f"views-{hashlib.sha256(' '.join(map(str, paths)).encode()).hexdigest()[:12]}.npz"
    if cache is not None and (cache / name).exists():
        with np.load(cache / name) as stored:
            return [SceneView(*row) for row in zip(*(stored[key].astype(float) for key in "lft"), strict=True)]
    network, views = SceneNetwork(load_network), []
    for number, path in enumerate(paths):
        views.append(network.view(open_photo(path)))
        print(f"\r{number + 1} of {len(paths)} photos", end="", flush=True)
    print()
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        columns = {
            "l": np.array([view.log_probability for view in views], np.float32),
            "f": np.array([view.features for view in views], np.float32),
            "t": np.array([view.textures for view in views], np.float32),
        }
        np.savez(cache / name, **columns)
    return views


def groups_of(latitude: Array, longitude: Array, named: Sequence[str]) -> Ints:
    """Group per photo: the manifest's, joined where photos are less than PLACE_KM apart."""
    near = great_circle_km(latitude[:, None], longitude[:, None], latitude, longitude) < PLACE_KM
    names = np.array(named)
    near |= (names[:, None] == names) & (names != "")
    return np.asarray(connected_components(csr_matrix(near), directed=False)[1], np.int64)


def nested_regions() -> tuple[Regions, list[Ints], tuple[str, ...]]:
    """Regions around centres of the photo prior, the coarser region of each at every size, and their titles."""
    places = default_photo_places()
    points = unit_vectors(places.latitude, places.longitude)
    centres, nearest = kmeans2(points, REGIONS[0], seed=0, minit="++", iter=40)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    nearest = (points @ centres.T).argmax(1)
    count = np.bincount(nearest, minlength=len(centres))
    parents = [np.arange(len(centres))]
    by_photos = np.repeat(centres, np.maximum(1, count // 200), axis=0)
    for size in REGIONS[1:]:
        coarse, _ = kmeans2(by_photos, size, seed=0, minit="++", iter=40)
        parents.append((centres @ (coarse / np.linalg.norm(coarse, axis=1, keepdims=True)).T).argmax(1))
    countries = shipped_partition("countries")
    country = countries.labels_at(places.latitude, places.longitude)
    titles = []
    for region in range(len(centres)):
        here = np.bincount(country[(nearest == region) & (country >= 0)], minlength=len(countries.labels))
        best = [n for n in here.argsort()[::-1][:2] if here[n] > 0.25 * here.sum()] or [int(here.argmax())]
        titles.append(" and ".join(countries.titles[n] for n in best))
    labels = tuple(f"region_{number:02d}" for number in range(len(centres)))
    return Regions(labels, centres), parents, tuple(titles)


@dataclass(frozen=True, eq=False)
class Surface:
    """The surface of the Earth as combinations of labels.

    Attributes:
        blocks: partitions with their labels and prior.
        labels: ``(cells, B)`` label numbers of the cells of the world, -1 for none.
        combinations: ``(M, B)`` labels of the samples.
        mass: ``(M,)`` prior mass that each stands for.
        parents: coarser region of each region, per size.
    """

    blocks: tuple[Block, ...]
    labels: Ints
    combinations: Ints
    mass: Array
    parents: list[Ints]

    @property
    def sizes(self) -> list[int]:
        """Numbers of scores: of each block, then of the coarser regions."""
        return [*(len(block.labels) for block in self.blocks), *(int(each.max()) + 1 for each in self.parents[1:])]

    def design(self, labels: Ints) -> Array:
        """Indicator per score ``(n, sum(sizes))`` of rows of labels."""
        columns = [*labels.T, *(np.append(parent, -1)[labels[:, -1]] for parent in self.parents[1:])]
        starts = np.cumsum([0, *self.sizes])
        found = np.zeros((len(labels), starts[-1]), np.float32)
        for start, column in zip(starts, columns, strict=False):
            rows = np.flatnonzero(column >= 0)
            found[rows, start + column[rows]] = 1.0
        return found

    def folded(self, scores: Array) -> Array:
        """Scores ``(..., sum(sizes))`` with those of coarser regions added to the regions' own."""
        starts = np.cumsum([0, *self.sizes])
        blocks = len(self.blocks)
        found = scores[..., : starts[blocks]].copy()
        for start, parent in zip(starts[blocks:], self.parents[1:], strict=False):
            found[..., starts[blocks - 1] :] += scores[..., start + parent]
        return found


def surface_of(world: World, regions: Regions, parents: list[Ints], titles: tuple[str, ...]) -> Surface:
    """The world's cells as combinations; SAMPLES of them drawn by the root of their mass, with what each stands for."""
    tables = {table.name: table for table in world.overlay.tables}
    names = ["population", "land_cover", *(each.name for each in merged_partitions()), regions.name]
    labels = np.column_stack([np.asarray(tables[name].cell_label, np.int64) for name in names])
    prior = np.asarray(world.prior.probability)
    blocks = []
    for column, name in enumerate(names):
        mass = np.bincount(labels[:, column] - NOWHERE, weights=prior, minlength=len(tables[name].labels) + 1)[1:]
        words = titles if name == regions.name else tuple(each.replace("_", " ") for each in tables[name].labels)
        mass = np.maximum(mass, 1e-7)
        blocks.append(Block(name, tables[name].labels, words, mass / mass.sum()))
    unique, inverse = np.unique(labels, axis=0, return_inverse=True)
    mass = np.bincount(inverse.ravel(), weights=prior)
    chance = np.sqrt(mass)
    for _ in range(20):
        chance = np.minimum(1.0, chance * SAMPLES / chance.sum())
    drawn = np.random.default_rng(0).random(chance.size) < chance
    share = mass[drawn] / chance[drawn]
    return Surface(tuple(blocks), labels, unique[drawn], share / share.sum(), parents)


def targets_of(photos: Photos, world: World, surface: Surface) -> Array:
    """Mean indicators of the labels around each place ``(N, sum(sizes))``."""
    draw = np.random.default_rng(0)
    total = 4.0 * surface.design(surface.labels[world.overlay.cell_at(photos.latitude, photos.longitude)])
    for _ in range(DISC_POINTS):
        radius = photos.precision_km * np.sqrt(draw.random(len(photos.latitude)))
        angle = draw.random(len(photos.latitude)) * 2 * np.pi
        latitude = np.clip(photos.latitude + radius * np.cos(angle) / 111.2, -89.9, 89.9)
        degrees = radius * np.sin(angle) / 111.2 / np.cos(np.radians(photos.latitude))
        longitude = (photos.longitude + degrees + 180.0) % 360.0 - 180.0
        total = total + surface.design(surface.labels[world.overlay.cell_at(latitude, longitude)])
    return total / (4.0 + DISC_POINTS)


def fit(photos: Photos, rows: Ints, targets: Array, surface: Surface, regions: Regions) -> SceneModel:
    """The model from some of the photos."""
    weight = photos.weight[rows]
    mean, scale, basis = components_of(photos.inputs[rows], weight)
    x = ((photos.inputs[rows] - mean) * scale) @ basis
    coefficients = conditional_logit(x, targets[rows], weight, surface)
    folded = surface.folded(coefficients) * EXPONENT
    return SceneModel(
        mean=mean,
        scale=scale,
        basis=basis,
        weights=folded[:-1],
        offset=folded[-1] * OFFSET_SHARE,
        blocks=surface.blocks,
        combinations=surface.combinations,
        mass=surface.mass,
        place_share=place_share(photos, rows),
        gate=GATE,
        regions=regions,
        facts={},
    )


def components_of(inputs: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Mean and scale ``(F,)`` of the inputs and the basis ``(F, K)`` whose first component has variance 1."""
    weight = weight / weight.sum()
    mean = weight @ inputs
    spread = np.sqrt(weight @ (inputs - mean) ** 2) + 1e-3
    parts = (slice(0, 1000), slice(1000, 2280), slice(2280, None))
    spread[parts[0]] = np.sqrt((spread[parts[0]] ** 2).mean())  # log-probabilities share one unit
    scale = 1.0 / spread
    for part in parts:
        scale[part] /= np.sqrt(len(scale[part]))
    centred = (inputs - mean) * scale * np.sqrt(weight)[:, None]
    values, vectors = np.linalg.eigh(centred @ centred.T)
    order = values.argsort()[::-1][:COMPONENTS]
    directions = centred.T @ vectors[:, order] / np.sqrt(values[order])
    return mean, scale, directions / np.sqrt(values[order[0]])


def conditional_logit(x: Array, targets: Array, weight: Array, surface: Surface) -> Array:
    """Scores ``(K + 1, sum(sizes))`` of greatest penalised likelihood; the last row is the mean photo's."""
    inputs = np.column_stack([x, np.ones(len(x))]).astype(np.float32)
    design = np.ascontiguousarray(surface.design(surface.combinations).T)
    log_mass = np.log(surface.mass).astype(np.float32)
    share = (weight / weight.mean()).astype(np.float32)[:, None]
    penalty = np.full((inputs.shape[1], 1), PENALTY, np.float32)
    penalty[-1] = OFFSET_PENALTY
    pull = inputs.T @ (share * targets.astype(np.float32))
    shape = (inputs.shape[1], design.shape[0])

    def loss(flat: Array) -> tuple[float, Array]:
        scores = flat.reshape(shape).astype(np.float32)
        total = (inputs @ scores) @ design + log_mass
        highest = total.max(axis=1, keepdims=True)
        density = np.exp(total - highest)
        norm = density.sum(axis=1, keepdims=True)
        value = float((share * (np.log(norm) + highest)).sum() - (scores * pull).sum())
        slope = inputs.T @ ((density * (share / norm)) @ design.T) - pull + penalty * scores
        return value + 0.5 * float((penalty * scores**2).sum()), slope.astype(np.float64).ravel()

    start = np.zeros(shape[0] * shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x.reshape(shape))


def place_share(photos: Photos, rows: Ints) -> Array:
    """How often each class is seen in photos of places, against 1 in 1,000, as a probability ``(1000,)``."""
    weight = photos.weight[rows] / photos.weight[rows].sum()
    groups, prior = len(np.unique(photos.group[rows])), 0.3
    often = (groups * (weight @ photos.probability[rows]) + prior * 1e-3) / (groups + prior)
    return np.asarray(often / (often + 1e-3))


def folds_of(group: Ints) -> Ints:
    """Fold of each photo; a group is never on both sides."""
    fold = np.random.default_rng(0).integers(0, FOLDS, int(group.max()) + 1)
    return np.asarray(fold[group], np.int64)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Fit the model of the predictor scene.")
    parser.add_argument("data", type=Path, help="folder with places/ and photos/")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    parser.add_argument("--cache", type=Path, help="folder that keeps what the network saw")
    parser.add_argument("--no-figures", action="store_true", help="fit only; the model card stays as it is")
    chosen = parser.parse_args()
    photos = read_photos(chosen.data, chosen.cache)
    regions, parents, titles = nested_regions()
    world = World.load(extra=partition_sources(regions))
    surface = surface_of(world, regions, parents, titles)
    targets = targets_of(photos, world, surface)
    facts: dict[str, object] = {"photos": len(photos.group), "groups": int(photos.group.max()) + 1}
    model = fit(photos, np.arange(len(photos.group)), targets, surface, regions)
    save_scene_model(replace(model, facts=facts), chosen.out)
    if not chosen.no_figures:
        from scene_card import card_of, leave_groups_out

        found = leave_groups_out(
            photos, folds_of(photos.group), lambda rows: fit(photos, rows, targets, surface, regions), world
        )
        facts |= found.facts()
        chosen.out.with_suffix(".md").write_text(card_of(found, facts), encoding="utf-8")
        save_scene_model(replace(model, facts=facts), chosen.out)
    print(f"{chosen.out.name}: {chosen.out.stat().st_size / 1e3:.0f} kB, {facts}")


if __name__ == "__main__":
    main()
