"""The tile search by hand: its verbs, with encoders that are small enough for a test."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from engine.artifacts.store import Store
from engine.cli import evaluate_search as cli_evaluate
from engine.cli import search as cli_search
from engine.cli import tiles as cli_tiles
from engine.cli.main import app
from engine.geometry.web_mercator import Tile
from engine.locate.locator import Locator
from engine.testing import make_locator
from engine.testing.synthetic_tiles import SyntheticTiles, answer_from, make_encoders, place_picture, tile_server
from engine.tile_search import session, tile_encoders
from engine.tile_search.tile_prior import MapPrior


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Calls the command line with small encoders and a cache of its own."""
    monkeypatch.setenv("HEREABOUTS_CACHE", str(tmp_path / "cache"))
    for module in (cli_search, cli_evaluate, cli_tiles, tile_encoders):
        monkeypatch.setattr(module, "load_encoders", lambda **options: make_encoders())
    monkeypatch.setattr(session, "Store", lambda: Store(tmp_path / "models"))

    def run(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "place.png"
    Image.fromarray(place_picture(48.2, 16.37)).save(path)
    return path


@pytest.fixture(scope="module")
def server():
    with tile_server(answer_from(SyntheticTiles())) as address:
        yield address + "/{z}/{x}/{y}.png"


def test_a_search_on_a_server_of_ones_own(call, photo, server):
    done = call("search", photo, "--source", server, "--allow-local", "--k", 4, "--no-map", "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert [level["zoom"] for level in facts["levels"]] == [4, 6, 8, 10, 12, 14, 16]
    assert {"tiles_encoded", "cache_hits", "seconds", "best_tile", "lat", "lon", "path_probability"} <= set(facts)
    assert "terms allow automatic reading" in done.stderr
    again = json.loads(
        call("search", photo, "--source", server, "--allow-local", "--k", 4, "--no-map", "--json").stdout
    )
    assert again["tiles_encoded"] == 0 and again["best_tile"] == facts["best_tile"]


def test_the_built_in_imagery_needs_no_network_and_says_where_it_ends(call, photo):
    done = call("search", photo, "--k", 8, "--no-map")
    assert done.exit_code == 0, done.output
    assert "ends at zoom 6" in done.stdout and "NASA Blue Marble" in done.stdout


def test_the_papers_method_with_an_attached_point(call, photo):
    done = call("search", photo, "--k", 3, "--method", "paper", "--attach", "48.2,16.37", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["method"] == "paper"
    said = call("search", photo, "--k", 3, "--method", "paper").stdout
    assert "share of its level" in said and "path probability" not in said


@pytest.fixture
def small_earth(monkeypatch):
    """The ensemble on a made-up Earth of one degree, in the place of the full one."""
    loaded = []

    def load(*_, **__):
        loaded.append(make_locator())
        return loaded[-1]

    monkeypatch.setattr(Locator, "load", load)
    return loaded


def test_a_search_begins_from_the_map_and_stays_in_the_region(call, photo, small_earth):
    everywhere = json.loads(call("search", photo, "--k", 4, "--no-map", "--json").stdout)
    assert not small_earth
    from_map = json.loads(call("search", photo, "--k", 4, "--json").stdout)
    assert [tile["probability"] for tile in from_map["best"]] != [tile["probability"] for tile in everywhere["best"]]
    budget = 200_000.0
    inside = json.loads(call("search", photo, "--k", 4, "--region", budget, "--json").stdout)
    answer = small_earth[-1].locate(photo)
    region = answer.search_map.region(budget_km2=budget)
    held = MapPrior(answer.search_map, region)
    for tile in inside["best"]:
        zoom, x, y = (int(part) for part in tile["tile"].split("/"))
        assert held.log_mass(zoom, np.array([Tile(zoom, x, y).code]))[0] > -np.inf
    assert inside["levels"][0]["candidates"] <= from_map["levels"][0]["candidates"]


def test_geoclip_that_is_not_here_cannot_be_attached(call, photo):
    done = call("search", photo, "--method", "paper", "--attach", "geoclip")
    assert done.exit_code == 1 and "models fetch geoclip" in done.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--k", 0], 2, "makes no sense"),
        (["--k", 100000], 2, "makes no sense"),
        (["--method", "magic"], 2, "no method"),
        (["--attach", "48,16"], 2, "--method paper"),
        (["--source", "https://a.example/{x}/{y}"], 2, "no {z}"),
        (["--source", "http://127.0.0.1/{z}/{x}/{y}"], 2, "--allow-local"),
        (["--source", "nowhere.mbtiles"], 1, "no tile archive"),
        (["--source", "nonsense"], 2, "no imagery"),
    ],
)
def test_calls_that_make_no_sense(call, photo, words, status, said):
    done = call("search", photo, "--no-map", *words)
    assert done.exit_code == status
    assert said in done.stderr and done.stderr.strip().splitlines()[-1].startswith("hereabouts: ")


def test_a_photo_that_is_none(call, tmp_path):
    done = call("search", tmp_path / "nothing.jpg")
    assert done.exit_code == 1 and "was not found" in done.stderr


def test_sources_are_listed_with_attribution_and_terms(call):
    rows = json.loads(call("tiles", "sources", "--json").stdout)
    assert rows[0]["name"] == "builtin" and "s2cloudless_2016" in {row["name"] for row in rows}
    assert "CC-BY-4.0" in call("tiles", "sources").stdout


def test_coarse_levels_are_computed_once(call, photo):
    first = json.loads(call("tiles", "embed", "builtin", "--zoom", 4, "--json").stdout)
    again = json.loads(call("tiles", "embed", "builtin", "--zoom", 4, "--json").stdout)
    assert first["zooms"][0]["encoded"] == 256 and again["zooms"][0]["encoded"] == 0
    facts = json.loads(call("search", photo, "--k", 2, "--no-map", "--json").stdout)
    assert facts["levels"][0]["encoded"] == 0
    assert call("tiles", "embed", "builtin", "--zoom", 12).exit_code == 2
    assert call("tiles", "embed", "builtin", "--engine", "abacus").exit_code == 2


@pytest.fixture
def manifest(tmp_path):
    return written(tmp_path, 40)


@pytest.fixture
def few(tmp_path):
    """A manifest that is searched in a moment."""
    return written(tmp_path, 6)


def written(tmp_path, photos):
    rng, lines = np.random.default_rng(0), ["id,path,lat,lon"]
    for number in range(photos):
        latitude, longitude = rng.uniform(-60, 60), rng.uniform(-180, 180)
        Image.fromarray(place_picture(latitude, longitude, photo_seed=number)).save(tmp_path / f"{number}.png")
        lines.append(f"{number},{number}.png,{latitude},{longitude}")
    (tmp_path / "broken.png").write_text("not a photo")
    path = tmp_path / "manifest.csv"
    path.write_text("\n".join([*lines, "x,broken.png,1,2", "y,missing.png,1,2"]))
    return path


def test_evaluation_in_the_papers_layout(call, few):
    done = call("evaluate-search", few, "--k", 2, 4, "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert [row["k"] for row in facts["rows"]] == [2, 4]
    assert facts["rows"][0]["photos"] == 6
    assert facts["left_out"] == {"photo file is missing": 1, "photo cannot be opened": 1}
    text = call("evaluate-search", few, "--k", 16)
    assert "k=16, published (Im2GPS) | 5.91" in text.stdout


def test_evaluation_begins_from_the_map_of_each_photo(call, few, small_earth):
    facts = json.loads(call("evaluate-search", few, "--k", 2, 4, "--map", "--json").stdout)
    assert [row["from_map"] for row in facts["rows"]] == [True, True]
    assert len(small_earth) == 1
    plain = json.loads(call("evaluate-search", few, "--k", 2, 4, "--json").stdout)
    assert [row["median_km"] for row in plain["rows"]] != [row["median_km"] for row in facts["rows"]]
    done = call("evaluate-search", few, "--k", 2, "--map", "--method", "paper")
    assert done.exit_code == 2 and "--method path" in done.stderr


def test_geoclip_alone_and_attached_as_in_table_3(call, few, monkeypatch):
    def true_places(photos):
        listed = [line.split(",") for line in few.read_text().splitlines()[1:]]
        places = {row[1]: (float(row[2]), float(row[3])) for row in listed}
        return [places[photo.name] for photo in photos]

    monkeypatch.setattr(cli_evaluate, "geoclip_points", true_places)
    facts = json.loads(call("evaluate-search", few, "--k", 2, "--json").stdout)
    (alone,) = facts["points"]
    assert alone["name"] == "GeoCLIP" and alone["gcd"]["1"] == 100 and alone["median_km"] == 0
    plain, attached = facts["rows"]
    assert (plain["attached"], attached["attached"], attached["method"]) == ("", "GeoCLIP", "paper")
    assert set(attached["candidates_hold"].values()) == {100.0}  # the true tile is kept at every level
    assert min(plain["candidates_hold"].values()) < 100
    text = call("evaluate-search", few, "--k", 2).stdout
    assert "| k=2+1, paper, GeoCLIP attached (6 photos)" in text and "| GeoCLIP alone (6 photos) | 100.00" in text
    assert "alone" not in call("evaluate-search", few, "--k", 2, "--no-geoclip").stdout


def test_training_from_the_command_line(call, manifest, tmp_path):
    out = tmp_path / "trained"
    words = ["train", "map-encoders", manifest, "--source", "builtin", "--out", out, "--epochs", 1, "--json"]
    done = call(*words)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert set(facts["zooms"]) == {"4", "6"} and facts["left_out"]["PhotoError"] == 1
    assert json.loads(call(*words).stdout)["zooms"] == facts["zooms"]
    held_out = json.loads(call("evaluate-search", facts["test_manifest"], "--k", 2, "--json").stdout)
    assert held_out["rows"][0]["photos"] == facts["zooms"]["6"]["test"]["photos"] > 0
    said = call(*words[:-1]).stdout
    assert "held-out photos first among" in said and "test.csv" in said
