"""Fits the two small models of predictor scene_cues and writes assets/models/scene_cues.json.

    uv run assets/scripts/fit_scene_cues.py MANIFEST.csv

MANIFEST.csv names photos with known coordinates (columns path, lat, lon, kind; paths beside the manifest). Photos are
read, never copied: only coefficients and figures are stored. Labels come from the built-in layers, so the models learn
what those approximate layers say of a place, not what LandScan or ESA-CCI measure there.

The fit, for photos of few places:
- Photos within 25 km of each other are one place; each place weighs 1, its photos share that.
- Multinomial logistic regression with the label frequencies as a fixed offset (prior correction, King & Zeng 2001,
  Political Analysis 9(2), section 4.2), so that the scores are evidence under equal label priors. A label that no place
  has keeps its expert direction.
- The penalty pulls the coefficients towards EXPERT, not towards zero: directions that anyone would name (snow:
  bare_water_snow; straight lines and grey: urban; greenery in the upper half: forest). Its width is about that of the
  expert coefficients themselves and is not tuned: with two dozen places, choosing it cost more than it gave.
- One shrinkage towards uniform for both models (two would follow the noise of two dozen places) is chosen by log-loss
  on places left out; the figures that are stored come from a second loop around that choice (nested), so no place has
  a say in its own figures. (The ceiling of that choice and the width of the penalty were set by hand after looking at
  such figures for a few values; they flatter by a little.)
- 360-degree panoramas are left out: no user's photo looks like them, and they add no place.
"""

import argparse
import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from engine.geometry.grid import Grid
from engine.geometry.sphere import FloatArray, great_circle_km
from engine.layers.builtin import land_cover, population, record
from engine.partitions.partition import NOWHERE, Partition
from engine.photos.photo import open_photo
from engine.predictors.scene_cues import LABELS, MODEL_PATH, CueModel, Scale, softmax
from engine.predictors.scene_features import FEATURE_NAMES, scene_features

IntArray = npt.NDArray[np.int64]

PLACE_KM = 25.0
NEAREST_KM = 5.0
"""How far the nearest labelled pixel may be from a photo that stands on an unlabelled one (a quay, a ship)."""
BLANK_CONTRAST = 0.02
"""A photo under this value of the feature contrast is one flat colour (a damaged file) and teaches nothing."""
KINDS = ("photo",)
UNIFORM_SHARE = 0.1
"""One photo in ten is taken to show nothing of its place: a receipt, a flower, a wall."""
LEAST_SPREAD = 0.03
"""A feature that hardly varied in the fit must not be blown up."""
PRIOR_WIDTH = 0.3
"""Standard deviation of a coefficient around its expert value: the size of the expert values themselves."""
TEMPERS = (0.0, 0.05, 0.1, 0.15, 0.2)
"""Factors on the scores to choose from; the ceiling is caution, for two dozen places (mostly European towns) cannot
vouch for more on the whole Earth."""

EXPERT: dict[str, dict[str, tuple[float, ...]]] = {
    # Score per standard deviation of the feature: lowest, low, medium, high.
    "population": {
        "sky": (0.2, 0.2, -0.1, -0.3),
        "upper_vegetation": (0.3, 0.1, -0.1, -0.3),
        "lower_vegetation": (0.3, 0.2, -0.1, -0.4),
        "dark_vegetation": (0.2, 0.1, -0.1, -0.2),
        "straw": (0.3, 0.2, -0.2, -0.3),
        "bare_ground": (0.2, 0.1, -0.1, -0.2),
        "snow": (0.4, 0.0, -0.2, -0.2),
        "water": (0.2, 0.0, 0.0, -0.2),
        "grey": (-0.4, -0.1, 0.2, 0.3),
        "brick": (-0.2, 0.0, 0.1, 0.1),
        "vertical_lines": (-0.5, -0.1, 0.2, 0.4),
        "upper_detail": (-0.3, -0.1, 0.1, 0.3),
    },
    # cropland, broadleaf_forest, other_forest, short_vegetation, flooded_vegetation, urban, bare_water_snow.
    "land_cover": {
        "sky": (0.2, -0.3, -0.1, 0.2, 0.0, -0.1, 0.1),
        "upper_vegetation": (-0.2, 0.5, 0.3, -0.1, 0.1, -0.2, -0.4),
        "lower_vegetation": (0.4, 0.3, 0.1, 0.2, 0.1, -0.5, -0.6),
        "dark_vegetation": (-0.1, 0.3, 0.5, -0.1, 0.1, -0.3, -0.4),
        "straw": (0.5, -0.1, -0.2, 0.3, 0.0, -0.3, -0.2),
        "bare_ground": (0.1, -0.2, -0.1, 0.2, -0.2, -0.1, 0.3),
        "snow": (-0.2, -0.2, 0.2, 0.0, -0.2, -0.2, 0.6),
        "water": (-0.2, -0.1, 0.0, -0.1, 0.2, -0.1, 0.3),
        "grey": (-0.2, -0.2, -0.1, -0.1, -0.2, 0.6, 0.2),
        "brick": (0.0, -0.1, -0.1, 0.0, -0.1, 0.3, 0.0),
        "vertical_lines": (-0.3, -0.1, -0.1, -0.2, -0.1, 0.9, -0.1),
        "horizontal_lines": (0.0, -0.1, -0.1, 0.0, 0.0, 0.2, 0.0),
        "upper_detail": (-0.2, 0.1, 0.1, -0.2, 0.0, 0.4, -0.2),
    },
}


@dataclass(frozen=True, eq=False)
class Sample:
    """Photos with a label: features ``(N, F)``, place number ``(N,)``, label ``(N,)``, number of labels."""

    features: FloatArray
    place: IntArray
    label: IntArray
    labels: int

    def where(self, keep: npt.NDArray[np.bool_]) -> "Sample":
        """The photos that ``keep`` marks."""
        return Sample(self.features[keep], self.place[keep], self.label[keep], self.labels)

    @property
    def weight(self) -> FloatArray:
        """One per place, shared among its photos."""
        return 1.0 / np.bincount(self.place)[self.place]

    @property
    def frequency(self) -> FloatArray:
        """Share of the places with each label, each label counted half a place more."""
        counts = np.bincount(self.label, weights=self.weight, minlength=self.labels) + 0.5
        return np.asarray(counts / counts.sum())


def read_manifest(manifest: Path) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Features ``(N, F)``, latitudes and longitudes ``(N,)`` of the manifest's ordinary photos that are not blank."""
    with manifest.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in KINDS]
    features = [scene_features(open_photo(manifest.parent / row["path"]).pixels) for row in rows]
    points = np.array([[float(row["lat"]), float(row["lon"])] for row in rows])
    found = np.array(features)
    shown = found[:, FEATURE_NAMES.index("contrast")] > BLANK_CONTRAST
    return found[shown], points[shown, 0], points[shown, 1]


def places_of(latitude: FloatArray, longitude: FloatArray) -> IntArray:
    """Place number per photo: chains of photos less than PLACE_KM apart."""
    near = great_circle_km(latitude[:, None], longitude[:, None], latitude, longitude) < PLACE_KM
    while not (near == (wider := near @ near)).all():
        near = wider
    return np.asarray(np.unique(near.argmax(axis=1), return_inverse=True)[1], np.int64)


def labels_of(partition: Partition, latitude: FloatArray, longitude: FloatArray) -> IntArray:
    """Label per photo; of the nearest labelled pixel within NEAREST_KM, else NOWHERE."""
    steps = np.arange(-5, 6) * partition.grid.latitude_step / 2.0
    found = partition.label_at(latitude, longitude)
    for photo in np.flatnonzero(found == NOWHERE):
        lats, lons = (a.ravel() for a in np.meshgrid(latitude[photo] + steps, longitude[photo] + steps * 2.0))
        distance = great_circle_km(latitude[photo], longitude[photo], lats, lons)
        around = partition.label_at(lats, lons)
        usable = (around != NOWHERE) & (distance <= NEAREST_KM)
        if usable.any():
            found[photo] = around[usable][distance[usable].argmin()]
    return found


def expert_matrix(name: str) -> FloatArray:
    """EXPERT as ``(J, F)``, centred over the labels."""
    columns = [EXPERT[name].get(feature, (0.0,) * len(LABELS[name])) for feature in FEATURE_NAMES]
    matrix = np.array(columns).T
    return np.asarray(matrix - matrix.mean(axis=0))


def scale_of(sample: Sample) -> Scale:
    """Mean and spread over places, the range seen, and which features rest on the photos alone."""
    weight = sample.weight / sample.weight.sum()
    mean = weight @ sample.features
    spread = np.sqrt(weight @ (sample.features - mean) ** 2)
    guarded = [float(all(name not in directions for directions in EXPERT.values())) for name in FEATURE_NAMES]
    low, high = sample.features.min(axis=0), sample.features.max(axis=0)
    return Scale(mean, np.maximum(spread, LEAST_SPREAD), low, high, np.array(guarded))


def fit(sample: Sample, scale: Scale, expert: FloatArray, temper: float = 1.0) -> CueModel:
    """Penalised maximum likelihood around the expert directions; deterministic."""
    inputs = np.column_stack([scale.standard(sample.features), np.ones(len(sample.label))])
    centre = np.column_stack([expert, np.zeros(sample.labels)])
    hit = np.eye(sample.labels)[sample.label]
    offset, weight = np.log(sample.frequency), sample.weight[:, None]

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        away = flat.reshape(centre.shape) - centre
        probability = softmax(inputs @ flat.reshape(centre.shape).T + offset)
        value = -(weight * hit * np.log(probability)).sum() + (away**2).sum() / (2.0 * PRIOR_WIDTH**2)
        slope = (weight * (probability - hit)).T @ inputs + away / PRIOR_WIDTH**2
        return float(value), slope.ravel()

    found = minimize(loss, centre.ravel(), jac=True, method="L-BFGS-B").x.reshape(centre.shape)
    return CueModel(found[:, :-1], found[:, -1], temper, UNIFORM_SHARE)


class Folds:
    """Scores of photos of one place under a fit without some places; each fit is made once."""

    def __init__(self, sample: Sample, expert: FloatArray) -> None:
        self.sample, self.expert = sample, expert
        self._fits: dict[frozenset[int], tuple[Scale, CueModel]] = {}

    def without(self, places: frozenset[int]) -> tuple[Scale, CueModel]:
        """Scale and model of the photos of all other places."""
        if places not in self._fits:
            rest = self.sample.where(~np.isin(self.sample.place, list(places)))
            scale = scale_of(rest)
            self._fits[places] = scale, fit(rest, scale, self.expert)
        return self._fits[places]

    def scores(self, place: int, *also_without: int) -> FloatArray:
        """Scores ``(n, J)``, shrunk by trust, of the photos of ``place``, which the fit has not seen."""
        scale, model = self.without(frozenset({place, *also_without}))
        features = self.sample.features[self.sample.place == place]
        raw = scale.standard(features) @ model.coefficients.T + model.intercepts
        return np.asarray(raw * scale.trust(features)[:, None])

    def left_out(self, *also_without: int) -> tuple[Sample, FloatArray]:
        """All photos but those of ``also_without``, and their scores with each place left out in turn."""
        keep = ~np.isin(self.sample.place, also_without)
        scores = np.empty((len(keep), self.sample.labels))
        for place in np.unique(self.sample.place[keep]):
            scores[self.sample.place == place] = self.scores(int(place), *also_without)
        return self.sample.where(keep), scores[keep]


def answers(scores: FloatArray, temper: float) -> FloatArray:
    """What CueModel.probability makes of scores that trust has already shrunk."""
    return np.asarray((1.0 - UNIFORM_SHARE) * softmax(scores * temper) + UNIFORM_SHARE / scores.shape[-1])


def log_losses(sample: Sample, probability: FloatArray, frequency: FloatArray) -> tuple[float, float]:
    """Log-loss in nats: over places, label frequencies as prior; and with every present label weighing alike."""
    rows = np.arange(len(sample.label))
    posterior = probability * frequency
    natural = -np.log((posterior / posterior.sum(axis=1, keepdims=True))[rows, sample.label])
    balanced = balanced_weight(sample)
    weight = sample.weight / sample.weight.sum()
    return float(weight @ natural), float(-balanced @ np.log(probability[rows, sample.label]))


def balanced_weight(sample: Sample) -> FloatArray:
    """Weights that give each present label the same share, and each place of a label the same share of that."""
    per_label = np.bincount(sample.label, weights=sample.weight, minlength=sample.labels)[sample.label]
    weight = sample.weight / per_label
    return np.asarray(weight / weight.sum())


def choose(targets: Mapping[str, Folds], *without: int) -> float:
    """The temper with the least sum of the log-losses of all targets, on places left out in turn."""
    left_out = [folds.left_out(*without) for folds in targets.values()]
    return min(
        TEMPERS,
        key=lambda temper: sum(sum(log_losses(s, answers(scores, temper), s.frequency)) for s, scores in left_out),
    )


def evaluate(folds: Folds, temper_without: Mapping[int, float]) -> dict[str, float | int]:
    """Nested leave-one-place-out figures: the temper for a place was chosen without that place."""
    sample = folds.sample
    probability, prior = np.empty((len(sample.label), sample.labels)), np.empty((len(sample.label), sample.labels))
    for place in np.unique(sample.place):
        held = sample.place == place
        probability[held] = answers(folds.scores(int(place)), temper_without[int(place)])
        prior[held] = sample.where(~held).frequency
    return figures(sample, probability, prior)


def figures(sample: Sample, probability: FloatArray, prior: FloatArray) -> dict[str, float | int]:
    """Accuracy and log-loss beside what the commonest label, chance and the label frequencies give."""
    weight, balanced = sample.weight / sample.weight.sum(), balanced_weight(sample)
    right = (probability * prior).argmax(axis=1) == sample.label
    common = prior.argmax(axis=1) == sample.label
    natural, even = log_losses(sample, probability, prior)
    natural_without, _ = log_losses(sample, np.full_like(probability, 1.0 / sample.labels), prior)
    found = {
        "accuracy": weight @ right,
        "accuracy_majority": weight @ common,
        "balanced_accuracy": balanced @ (probability.argmax(axis=1) == sample.label),
        "log_loss": natural,
        "log_loss_majority": natural_without,
        "balanced_log_loss": even,
        "balanced_log_loss_uniform": np.log(sample.labels),
    }
    counts = {"photos": len(sample.label), "places": len(np.unique(sample.place))}
    return (
        {name: round(float(value), 4) for name, value in found.items()}
        | counts
        | {"labels_present": len(np.unique(sample.label))}
    )


def stored_target(name: str, model: CueModel, sample: Sample, evaluation: Mapping[str, object]) -> dict[str, object]:
    """One model with its figures, as it is stored."""
    per_label = np.bincount(sample.label, weights=sample.weight, minlength=sample.labels)
    return {
        "labels": LABELS[name],
        "temper": round(model.temper, 4),
        "uniform_share": model.uniform_share,
        "places_per_label": np.round(per_label, 2).tolist(),
        "evaluation": evaluation,
        "intercepts": np.round(model.intercepts, 5).tolist(),
        "coefficients": np.round(model.coefficients, 5).tolist(),
    }


def fit_all(manifest: Path, partitions: Mapping[str, Partition]) -> dict[str, object]:
    """Everything that is stored."""
    features, latitude, longitude = read_manifest(manifest)
    place = places_of(latitude, longitude)
    everything = Sample(features, place, np.zeros_like(place), 1)
    scale = scale_of(everything)
    scale = Scale(*(np.round(values, 6) for values in vars(scale).values()))
    folds = {}
    for name, partition in partitions.items():
        label = labels_of(partition, latitude, longitude)
        folds[name] = Folds(
            Sample(features, place, label, len(LABELS[name])).where(label != NOWHERE), expert_matrix(name)
        )
    temper = choose(folds)
    temper_without = {int(left): choose(folds, int(left)) for left in np.unique(place)}
    targets = {
        name: stored_target(name, fit(one.sample, scale, one.expert, temper), one.sample, evaluate(one, temper_without))
        for name, one in folds.items()
    }
    return {
        "about": "Coefficients of predictor scene_cues; made by assets/scripts/fit_scene_cues.py; Apache-2.0.",
        "photos": len(place),
        "places": int(place.max()) + 1,
        "layers": {name: record(name).sha256 for name in partitions},
        "features": FEATURE_NAMES,
        "targets": targets,
    } | {name: values.tolist() for name, values in vars(scale).items()}


def main() -> None:
    """Command line: the manifest and, if not the project's own, the file to write."""
    parser = argparse.ArgumentParser(description="Fit the models of predictor scene_cues.")
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    chosen = parser.parse_args()
    grid = Grid()
    stored = fit_all(chosen.manifest, {"population": population(grid), "land_cover": land_cover(grid)})
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
