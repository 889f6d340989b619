"""The two predictors that ask in words, on a made-up CLIP: what they ask, and what they make of the scores."""

import numpy as np
import pytest

from engine.artifacts.store import Store
from engine.errors import ArtifactError, InputError, LayerError, PredictorError
from engine.geometry.grid import Grid
from engine.layers import builtin
from engine.layers.builtin import CLASSES
from engine.layers.shipped import shipped_partition
from engine.partitions.geocells import grow
from engine.partitions.photo_locations import default_photo_places
from engine.predictors.attribute_prompts import AttributePrompts
from engine.predictors.base import Predictor
from engine.predictors.prompts import PromptSet, load_prompt_sets
from engine.predictors.prompts.towns import read_towns_csv, shipped_towns
from engine.predictors.street_prompts import (
    PARTITION,
    Encoders,
    StreetCountries,
    StreetPlaces,
    StreetView,
    countries_digest,
    country_names,
    country_prompts,
    country_rows,
    nearest_town,
    town_probabilities,
)
from engine.testing import SMALL_GRID, grey_photo

TOWNS = """town,region,country,latitude,longitude
Paris,Ile-de-France,France,48.86,2.35
Lyon,,France,45.76,4.84
New York,New York,United States,40.71,-74.0
Sydney,New South Wales,Australia,-33.87,151.2
"""


class Texts:
    """Each text has a direction of its own; ``seen`` counts what was encoded."""

    logit_scale = 10.0

    def __init__(self):
        self.seen = []

    def encode(self, prompts):
        self.seen += list(prompts)
        return np.stack([direction(text) for text in prompts])


def direction(text):
    found = np.random.default_rng(list(text.encode())).normal(size=16).astype(np.float32)
    return found / np.linalg.norm(found)


class Images:
    """A photo looks like a given direction."""

    dimension, key = 16, ("made up",)

    def __init__(self, like):
        self.like = np.asarray(like, np.float32)

    def encode_photos(self, photos):
        return np.stack([3.0 * self.like for _ in photos])


def test_the_prompt_sets_speak_of_the_labels_of_the_layers():
    sets = {each.partition: each for each in load_prompt_sets()}
    assert {name: each.labels for name, each in sets.items()} == {
        name: tuple(each.label for each in CLASSES[name]) for name in sets
    }
    assert all(len(texts) == 16 for each in sets.values() for texts in each.prompts)


def test_embeddings_are_means_over_templates_and_are_kept(tmp_path):
    texts = Texts()
    prompts = PromptSet("p", ("a", "b"), (("one", "two"), ("three",)))
    found = prompts.embeddings(texts, 16, "key", tmp_path)
    mean = direction("one") + direction("two")
    np.testing.assert_allclose(found[0], mean / np.linalg.norm(mean), rtol=1e-5)
    assert texts.seen == ["one", "two", "three"]
    np.testing.assert_array_equal(prompts.embeddings(texts, 16, "key", tmp_path), found)
    assert len(texts.seen) == 3
    prompts.embeddings(texts, 16, "another encoder", tmp_path)
    assert len(texts.seen) == 6


def test_bad_prompt_files_are_said(tmp_path):
    path = tmp_path / "p.toml"
    with pytest.raises(ArtifactError, match=r"p\.toml cannot be read"):
        load_prompt_sets(path)
    for text in ("= 1", '[a]\ntemplates = ["{}"]\n', '[a]\ntemplates = []\n[a.labels]\nx = ["y"]\n', "a = 1"):
        path.write_text(text)
        with pytest.raises(ArtifactError):
            load_prompt_sets(path)


def attribute_model(photo_like, cache=None):
    texts = Texts()
    return AttributePrompts(lambda: Images(photo_like), lambda: texts, cache=cache), texts


def test_a_photo_like_the_words_of_a_label_gets_that_label(tmp_path):
    population = load_prompt_sets()[0]
    like = population.embeddings(Texts(), 16, "k")[3]
    model, texts = attribute_model(like, tmp_path)
    first, second = model.predict(grey_photo())
    assert (first.partition, second.partition) == ("population", "land_cover")
    assert int(np.argmax(first.probability)) == 3
    cosines = population.embeddings(Texts(), 16, "k") @ like
    expected = np.exp(10.0 / 2.0 * cosines)
    np.testing.assert_allclose(first.probability, expected / expected.sum(), rtol=1e-4)
    np.testing.assert_allclose(second.label_prior, np.full(7, 1 / 7))
    asked = len(texts.seen)
    assert len(model.predict_many([grey_photo(), grey_photo("b.png", 1)])) == 2
    assert len(texts.seen) == asked
    assert isinstance(model, Predictor)


def test_what_is_not_fetched_is_said(tmp_path):
    with pytest.raises(PredictorError, match="hereabouts models fetch clip_vit_l14_openai"):
        AttributePrompts.from_store(Store(tmp_path)).predict(grey_photo())
    with pytest.raises(PredictorError, match="hereabouts models fetch streetclip"):
        StreetCountries("countries", ("France",), Encoders.from_store(Store(tmp_path))).predict(grey_photo())


@pytest.fixture
def towns(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text(TOWNS)
    return read_towns_csv(path)


@pytest.fixture(scope="module")
def cells():
    places = default_photo_places()
    return grow(places.latitude, places.longitude, 0, 2000, name="geocells_fine")


def test_a_street_view_is_asked_for_its_country_then_its_town(cells, towns):
    paris = "A Street View photo close to the town of Paris in the region of Ile-de-France in France."
    like = direction(paris) + direction("A Street View photo in France.")
    texts = Texts()
    model = StreetPlaces(cells, towns, Encoders(lambda: Images(like / np.linalg.norm(like)), lambda: texts))
    (prediction,) = model.predict(grey_photo())
    best = int(np.argmax(prediction.probability / prediction.label_prior))
    assert abs(cells.mean_latitude[best] - 48.86) < 30
    assert paris in texts.seen
    assert "A Street View photo close to the town of Lyon in France." in texts.seen
    assert "A Street View photo in the United States." in texts.seen
    asked = len(texts.seen)
    model.predict(grey_photo())
    assert len(texts.seen) == asked
    assert isinstance(model, Predictor)


def test_flat_scores_give_the_photo_counts(cells, towns):
    texts = Texts()
    texts.logit_scale = 0.0
    (prediction,) = StreetPlaces(cells, towns, Encoders(lambda: Images(direction("x")), lambda: texts)).predict(
        grey_photo()
    )
    np.testing.assert_allclose(prediction.probability, prediction.label_prior, rtol=1e-9)


def test_town_probabilities_by_hand():
    found = town_probabilities(
        np.log([3.0, 1.0]), np.log([2.0, 1.0, 5.0]), np.array([0, 0, 1]), np.array([1.0, 1.0, 2.0])
    )
    np.testing.assert_allclose(found, [0.75 * 2 / 3, 0.75 / 3, 0.25])


@pytest.mark.parametrize(
    "text", ["town,country\nParis,France\n", TOWNS.splitlines()[0] + "\n", TOWNS.replace("48.86", "98")]
)
def test_bad_lists_of_towns_are_refused(tmp_path, text):
    path = tmp_path / "towns.csv"
    path.write_text(text)
    with pytest.raises(InputError):
        read_towns_csv(path)


def test_the_country_and_the_town_within_it_are_two_answers_that_count_nothing_twice(cells, towns):
    paris = "A Street View photo close to the town of Paris in the region of Ile-de-France in France."
    like = direction(paris) + direction("A Street View photo in France.")
    encoders = Encoders(lambda: Images(like / np.linalg.norm(like)), Texts)
    country, town = StreetView.of(cells, towns, encoders).predict(grey_photo())
    assert (country.partition, town.partition) == (PARTITION, "geocells_fine")
    of_cell = np.array(towns.country)[nearest_town(cells, towns)]
    for name in ("France", "United States", "Australia"):
        mine = of_cell == name
        assert town.probability[mine].sum() == pytest.approx(town.label_prior[mine].sum())
    (whole,) = StreetPlaces(cells, towns, encoders).predict(grey_photo())
    french = of_cell == "France"
    np.testing.assert_allclose(
        town.probability[french] / town.probability[french].sum(),
        whole.probability[french] / whole.probability[french].sum(),
        rtol=1e-6,
    )
    view = StreetView.of(cells, towns, Encoders(lambda: Images(direction("A Street View photo in France.")), Texts))
    country, _ = view.predict(grey_photo())
    assert shipped_partition("countries").labels[int(np.argmax(country.probability))] == "FR"
    assert isinstance(view, Predictor)


def test_the_countries_that_ship_have_a_name_of_their_own():
    for grid in (SMALL_GRID, Grid(5400, 10800)):
        rows = country_rows(grid)
        assert rows.name == PARTITION and rows.labels == shipped_partition("countries").labels
    coarse = country_rows(SMALL_GRID)
    assert coarse.labels[int(coarse.label_at([48.5], [2.5])[0])] == "FR"
    assert len(countries_digest()) == 64


def test_the_towns_that_ship():
    names = country_names()
    found = shipped_towns(names)
    by_name = {name: place for place, name in enumerate(zip(found.town, found.country, strict=True))}
    paris = by_name["Paris", "France"]
    assert (found.latitude[paris], found.longitude[paris]) == pytest.approx((48.853, 2.349), abs=0.01)
    assert ("Vatican City", "Vatican City") in by_name  # no large town: the largest place
    assert 5000 < len(found) < 8000 and set(found.country) <= set(names.values())
    assert set(shipped_towns({"FR": "France"}).country) == {"France"}
    assert len(shipped_towns(names, 10_000_000)) < 300


def test_a_damaged_list_of_towns_is_said(tmp_path, monkeypatch):
    (tmp_path / "places.npz").write_bytes(b"not an archive")
    monkeypatch.setattr(builtin, "layer_path", lambda name: tmp_path / "places.npz")
    with pytest.raises(LayerError, match="cannot be read"):
        shipped_towns({"FR": "France"})


def test_some_countries_have_an_article():
    assert country_prompts(["Netherlands", "France"]).prompts == (
        ("A Street View photo in the Netherlands.",),
        ("A Street View photo in France.",),
    )
