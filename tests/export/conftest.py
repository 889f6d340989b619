"""Contents to write: a known answer, regions at the poles and the date line, and two hundred hostile strings."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.export.contents import contents_of
from engine.export.json_result import answer_facts
from engine.geometry.sphere import unit_vectors
from engine.inference.search_map import SearchMap
from engine.testing import grey_photo

MIDDLES = {
    "north_pole": (90.0, 0.0), "south_pole": (-90.0, 0.0), "near_north_pole": (84.0, 171.0), "date_line": (0.0, 180.0),
    "fiji": (-17.0, 179.4), "chukotka": (66.0, -179.8), "origin": (0.0, 0.0), "tierra": (-54.0, -68.0),
    "antarctica": (-70.0, 179.9), "brisbane": (-27.0, 153.0),
}  # fmt: skip
BUDGETS_KM2 = (500.0, 3e6, 9e7)


@pytest.fixture(scope="session")
def middles() -> dict[str, tuple[float, float]]:
    """Latitude and longitude of the middles of the regions."""
    return MIDDLES


@pytest.fixture(scope="session")
def regions(world):
    """Thirty regions around ten middles: a part of a pixel, a country, a sixth of the Earth."""
    return {
        f"{name}-{budget:g}": around(world, *middle).region(budget_km2=budget)
        for name, middle in MIDDLES.items()
        for budget in BUDGETS_KM2
    }


@pytest.fixture(scope="session")
def with_texts(contents):
    """Makes an answer whose photo, places, evidence, notes, settings and sources are called so."""

    def made(texts):
        place = contents.places[0]
        facts = {
            "photo": {"name": "".join(texts), "sha256": texts[0]},
            "places": [{**place, "rank": rank, "name": text} for rank, text in enumerate(texts, start=1)],
            "said": [{"title": t, "weight": 1.0, "status": t, "says": t, "note": t} for t in texts],
            "sources": [dict.fromkeys(("title", "summary", "source", "licence", "caveat"), t) for t in texts],
            "notes": list(texts),
            "evidence": [{"sentence": text, text: text} for text in texts],
            "floors": dict.fromkeys(texts, 0.5),
            "pooling": texts[-1],
            "versions": dict(zip(texts, texts, strict=True)),
            "made_at": texts[0],
            "use": texts[0],
        }
        return replace(contents, facts={**contents.facts, **facts})

    return made


@pytest.fixture(scope="session")
def poisoned(with_texts, hostile):
    """Hostile strings wherever somebody else's text can be; every string comes by every way."""
    return [with_texts(hostile[start : start + 60]) for start in range(0, len(hostile), 60)]


def around(world, latitude: float, longitude: float) -> SearchMap:
    """A map that falls with the distance from a point."""
    towards = world.overlay.unit_center @ unit_vectors(np.asarray(latitude), np.asarray(longitude))
    return SearchMap.from_log_weights(world.overlay, 8.0 * towards)


@pytest.fixture(scope="session")
def answer(locator):
    return locator.locate(grey_photo("grey.png"))


@pytest.fixture(scope="session")
def contents(answer):
    region, places = answer.search_map.region(budget_km2=2e6), answer.search_map.candidates(5)
    return contents_of(answer, region, answer_facts(answer, region, places, (10.0, 20.0)))


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """The strings of the module beside this file."""
    spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.STRINGS
