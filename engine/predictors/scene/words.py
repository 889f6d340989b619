"""What the scene network saw, in plain words: the strongest classes and attributes of a photo."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from engine.errors import PredictorError
from engine.predictors.scene.model import Block
from engine.typing import FloatArray

LEAST_SHARE = 0.04
"""Classes below this probability are not named."""
MOST_CLASSES = 3
LEAST_PROBABILITY = 0.3
"""Attributes below this probability are not named."""
LEAST_GAIN = 1.25
"""An attribute is named when its probability rose by at least this factor."""
MOST_ATTRIBUTES = 4

CLASS_TITLES: Mapping[str, str] = {
    "alp": "mountain", "seashore": "seashore", "lakeside": "lakeside", "bell cote": "bell tower", "vault": "vault",
    "cab": "taxi", "pole": "pole", "web site": "screenshot", "crane": "crane", "cliff": "cliff",
    "promontory": "headland", "breakwater": "breakwater", "megalith": "standing stones", "beacon": "lighthouse",
    "stupa": "stupa", "tile roof": "tiled roof", "dome": "dome", "sandbar": "sandbar", "worm fence": "rail fence",
    "Arabian camel": "camel", "trolleybus": "trolleybus", "book jacket": "book cover", "comic book": "comic",
}  # fmt: skip
"""Plainer words for some classes of ImageNet; the others keep their own."""

LABEL_WORDS: Mapping[str, Mapping[str, str]] = {
    "population": {"lowest": "few people", "low": "villages", "medium": "towns", "high": "dense city"},
    "land_cover": {
        "cropland": "cropland", "broadleaf_forest": "broad-leaved forest", "other_forest": "needle-leaved forest",
        "short_vegetation": "grass or shrubs", "flooded_vegetation": "wetland", "urban": "built-up land",
        "bare_water_snow": "bare ground, water or snow",
    },
    "scene_climate": {
        "tropical_rainforest": "rainforest climate", "savanna": "savanna climate", "hot_steppe": "hot steppe",
        "cold_steppe": "cold steppe", "hot_desert": "hot desert", "cold_desert": "cold desert",
        "humid_subtropical": "humid subtropical climate", "oceanic": "oceanic climate",
        "hot_mediterranean": "Mediterranean climate", "warm_mediterranean": "Mediterranean climate",
        "hot_monsoon": "monsoon climate", "highland_monsoon": "highland climate with dry winters",
        "continental_hot_summer": "continental climate", "continental_warm_summer": "continental climate",
        "subarctic": "subarctic climate", "tundra": "tundra or alpine climate", "ice_cap": "ice cap",
    },
    "scene_elevation": {
        "below_100_m": "lowland", "1000_2000_m": "above 1,000 m", "2000_3000_m": "above 2,000 m",
        "above_3000_m": "above 3,000 m",
    },
    "scene_relief": {"flat": "flat land", "hills": "hills", "mountains": "rugged relief"},
    "scene_coast": {"0_2_km": "by the sea"},  # larger distances are barely told apart: see the model card
}  # fmt: skip
"""Words for labels, by partition; a label without words is not named."""


@cache
def class_titles() -> tuple[str, ...]:
    """Plain names of the 1,000 classes of ImageNet, in the network's order."""
    spec = find_spec("timm")  # its tables only: importing the package takes seconds
    if spec is None or spec.origin is None:
        raise PredictorError("The names of the scene network's classes are missing; reinstall the package timm.")
    folder = Path(spec.origin).parent / "data" / "_info"
    lines = (folder / "imagenet_synset_to_lemma.txt").read_text("utf-8").splitlines()
    lemmas = dict(line.split("\t", 1) for line in lines if "\t" in line)
    synsets = (folder / "imagenet_synsets.txt").read_text("utf-8").split()
    names = (lemmas[synset].split(",")[0].strip() for synset in synsets)
    return tuple(CLASS_TITLES.get(name, name) for name in names)


def classes_text(probability: FloatArray) -> str:
    """The strongest classes: ``"mountain 67 %, valley 7 %"``; at least one is named."""
    order = probability.argsort()[::-1][:MOST_CLASSES].tolist()
    named = [number for number in order if probability[number] >= LEAST_SHARE] or order[:1]
    return ", ".join(f"{class_titles()[number]} {probability[number]:.0%}".replace("%", " %") for number in named)


def attributes_text(blocks: Sequence[Block], probabilities: Sequence[FloatArray]) -> str:
    """The attributes that rose most: ``"rugged relief, few people"``; empty when none did."""
    found: list[tuple[float, str]] = []
    for block, probability in zip(blocks, probabilities, strict=True):
        words = LABEL_WORDS.get(block.partition, {})
        gain = probability / block.prior
        named = (gain >= LEAST_GAIN) & (probability >= LEAST_PROBABILITY)
        best = int((probability * named).argmax())
        if named[best] and block.labels[best] in words:
            found.append((float(probability[best] * (gain[best] - 1.0)), words[block.labels[best]]))
    strongest = sorted(found, reverse=True)[:MOST_ATTRIBUTES]
    return ", ".join(dict.fromkeys(text for _, text in strongest))
