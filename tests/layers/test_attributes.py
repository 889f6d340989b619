import re
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.layers.attributes import PUBLISHED, read_attribute
from engine.layers.classify import classifier_of
from engine.layers.convert import ReadOptions
from engine.layers.in_use import layers_in_use
from engine.layers.user_layers import add_layer, attribute_named, user_layers
from engine.partitions.partition import NOWHERE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "layers.md"
GOOD = 'name = "n"\ntitle = "t"\nedges = [1.0]\n' + "".join(
    f'[[class]]\nlabel = "{label}"\ntitle = "x"\ncolour = "#000000"\n' for label in "ab"
)


def written(tmp_path, text, name="n.toml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


@pytest.fixture
def from_the_page(tmp_path):
    """The records that the documentation shows, as files."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names = [re.search(r'name = "(\w+)"', block)[1] for block in blocks]
    return {name: written(tmp_path, block, f"{name}.toml") for name, block in zip(names, blocks, strict=True)}


def test_elevation_is_added_as_the_page_says(tmp_path, rasters, from_the_page):
    heights = np.random.default_rng(0).uniform(-400, 6000, rasters.SHAPE).astype(np.float32)
    heights[:, :200] = -99999
    path = rasters.write(tmp_path / "heights.tif", heights)
    attribute = attribute_named("elevation", from_the_page["elevation"])
    layer = add_layer(path, attribute, ReadOptions(no_data=-99999))
    assert layer.labels == ("lowland", "hills", "uplands", "mountains", "high_mountains")
    drawn = layers_in_use()[2].on(Grid(*rasters.SHAPE)).rows(0, 360)
    expected = np.where(heights == -99999, NOWHERE, np.digitize(heights, [200, 500, 1500, 3000]))
    assert np.array_equal(drawn, expected)
    assert [one.name for one in layers_in_use()] == ["population", "land_cover", "elevation"]
    assert user_layers() == (layer,)


def test_climate_is_added_as_the_page_says(tmp_path, rasters, from_the_page):
    zones = np.random.default_rng(0).integers(0, 31, rasters.SHAPE).astype(np.uint8)
    path = rasters.write(tmp_path / "zones.tif", zones)
    layer = add_layer(path, attribute_named("climate", from_the_page["climate"]))
    drawn = layers_in_use()[2].on(Grid(*rasters.SHAPE)).rows(0, 360)
    assert np.array_equal(drawn == NOWHERE, zones == 0)
    assert np.array_equal(drawn == layer.labels.index("polar"), zones >= 29)
    assert layer.licence == "CC-BY-4.0"


def test_the_overlay_has_the_users_attribute_as_one_more_partition(tmp_path, rasters, from_the_page):
    from engine.inference.world import World

    zones = np.random.default_rng(0).integers(1, 31, rasters.SHAPE).astype(np.uint8)
    zones[:] = np.sort(zones, axis=0)
    grid = Grid(180, 360)
    plain = World.load(grid, tmp_path / "cache")
    add_layer(rasters.write(tmp_path / "zones.tif", zones), attribute_named("climate", from_the_page["climate"]))
    world = World.load(grid, tmp_path / "cache")
    assert [table.name for table in world.overlay.tables] == [
        "s2_level_4", "geocells_fine", "population", "land_cover", "climate",
    ]  # fmt: skip
    assert world.overlay.cells > plain.overlay.cells
    assert world.overlay.table("climate").area_km2.sum() == pytest.approx(world.overlay.area_km2.sum())
    assert world.prior.probability.sum() == pytest.approx(1)
    assert len(list((tmp_path / "cache").glob("overlay-180x360-*/overlay.json"))) == 2


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('name = "n"', 'name = "../n"', "the name"),
        ('name = "n"', "", "'name'"),
        ("edges = [1.0]", "edges = [1.0, 2.0]", "2 edges for 2 classes"),
        ("edges = [1.0]", 'edges = ["high"]', "garbles"),
        ("edges = [1.0]", "", "'values'"),
        ("[[class]]", "[[classes]]", "'class'"),
        ('label = "b"', 'label = "a"', "different labels"),
        ("name", "= name", "as TOML"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(tmp_path, old, new, match, sentence):
    assert read_attribute(written(tmp_path, GOOD)).labels == ("a", "b")
    with pytest.raises(LayerError, match=match) as caught:
        read_attribute(written(tmp_path, GOOD.replace(old, new)))
    sentence(caught.value)


def test_values_in_two_classes_are_refused(tmp_path, sentence):
    text = GOOD.replace("edges = [1.0]", "").replace('colour = "#000000"', 'colour = "#000000"\nvalues = [3, 4]')
    with pytest.raises(LayerError, match="two classes") as caught:
        read_attribute(written(tmp_path, text))
    sentence(caught.value)


def test_a_record_under_another_name_is_refused(tmp_path, sentence):
    with pytest.raises(LayerError, match="is of 'n', not of 'm'") as caught:
        attribute_named("m", written(tmp_path, GOOD))
    sentence(caught.value)
    with pytest.raises(LayerError, match="TOML") as caught:
        attribute_named("m", tmp_path / "gone.toml")
    sentence(caught.value)


def test_edges_belong_to_the_class_above():
    classify = classifier_of(PUBLISHED["population"], (10.0, 100.0, 1000.0))
    values = np.array([[0, 1, 9, 10, 99, 100, 1000, 10**6, -1]], np.int32)
    assert classify(values, values >= 0, np.ones(1)).tolist() == [[0, 0, 0, 1, 1, 2, 3, 3, 255]]
