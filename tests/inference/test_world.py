import importlib.util
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LayerError
from engine.geometry.grid import Grid
from engine.inference.world import EvidenceWorld, World
from engine.layers import builtin
from engine.layers.attributes import POPULATION
from engine.layers.convert import ReadOptions
from engine.layers.user_layers import add_layer, remove_layer
from engine.partitions.geocells import blocks_partition, geocells_partition
from engine.partitions.overlay import build_overlay
from engine.partitions.photo_locations import default_geocells
from engine.testing import make_partitions, make_world

GRID = Grid(180, 360)


@pytest.fixture(scope="module")
def rasters():
    path = Path(__file__).parents[1] / "layers" / "rasters.py"
    spec = importlib.util.spec_from_file_location("layer_rasters", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HEREABOUTS_CACHE", str(tmp_path / "cache"))


def test_the_world_drawn_by_rows_is_the_one_drawn_as_rasters():
    world = World.load(GRID)
    whole = [
        blocks_partition(GRID, 4), geocells_partition(default_geocells("fine"), GRID), builtin.population(GRID),
        builtin.land_cover(GRID),
    ]  # fmt: skip
    plain = build_overlay(whole)
    assert np.array_equal(world.overlay.pixel_cell, plain.pixel_cell)
    assert [table.name for table in world.overlay.tables] == [table.name for table in plain.tables]
    for ours, theirs in zip(world.overlay.tables, plain.tables, strict=True):
        assert np.array_equal(ours.owner, theirs.owner)
        assert np.array_equal(ours.cell_label, theirs.cell_label)
    assert [layer.built_in for layer in world.layers] == [True, True]


def test_the_users_layer_makes_another_world_and_removing_it_the_old_one(tmp_path, rasters):
    before = World.load(GRID)
    path = rasters.write(tmp_path / "people.tif", rasters.people(), nodata=rasters.SEA)
    add_layer(path, POPULATION, ReadOptions(coarse=True))
    theirs = World.load(GRID)
    assert [layer.origin for layer in theirs.layers] == ["people.tif", "ships with Hereabouts"]
    assert not np.array_equal(theirs.overlay.table("population").area_km2, before.overlay.table("population").area_km2)
    assert theirs.prior.probability.sum() == pytest.approx(1)
    remove_layer("population")
    after = World.load(GRID)
    assert np.array_equal(after.overlay.pixel_cell, before.overlay.pixel_cell)
    assert len(list((tmp_path / "cache").glob("*/overlay.json"))) == 2


def test_a_damaged_layer_is_told_before_anything_is_built(tmp_path, rasters):
    path = rasters.write(tmp_path / "people.tif", rasters.people(), nodata=rasters.SEA)
    layer = add_layer(path, POPULATION, ReadOptions(coarse=True))
    layer.path.write_bytes(layer.path.read_bytes()[:-20])
    with pytest.raises(LayerError, match="layers remove population"):
        World.load(GRID)
    assert list((tmp_path / "cache").glob("overlay-*/overlay.json")) == []


def test_a_world_in_blocks_gives_the_same_prior(monkeypatch):
    plain = World.load(GRID)
    monkeypatch.setattr("engine.partitions.storage.overlay_store.LARGEST_PLAIN_PIXELS", 100)
    monkeypatch.setattr("engine.partitions.storage.overlay_store.FORMAT", 1000)  # stored elsewhere
    said = []
    blocks = World.load(GRID, report=lambda what, share: said.append(share))
    assert type(blocks.overlay.pixel_cell).__name__ == "CellRaster"
    assert np.array_equal(blocks.prior.probability, plain.prior.probability)
    assert np.array_equal(blocks.overlay.pixel_cell, plain.overlay.pixel_cell)
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1)


def test_an_evidence_world_is_kept_and_read_back(tmp_path):
    base = World.load(GRID)
    said = []
    made = EvidenceWorld.of(base, make_partitions(), report=lambda what, share: said.append(share))
    again = EvidenceWorld.of(World.load(GRID), make_partitions())
    assert len(list((tmp_path / "cache").glob("evidence-180x360-*/overlay.json"))) == 1
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1)
    assert np.array_equal(again.overlay.pixel_cell, made.overlay.pixel_cell)
    assert np.array_equal(again.parent, made.parent)
    assert np.array_equal(made.parent[made.overlay.pixel_cell], base.overlay.pixel_cell)
    other = EvidenceWorld.of(base, make_partitions(seed=1))
    assert not np.array_equal(other.overlay.pixel_cell, made.overlay.pixel_cell)


def test_an_evidence_world_has_the_priors_density_and_small_cells():
    base = World.load(GRID)
    world = EvidenceWorld.of(base, make_partitions())
    assert world.prior.probability.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.bincount(world.parent, world.prior.probability) == pytest.approx(base.prior.probability, rel=1e-9)
    for weight in (0.0, 1.0):
        assert world.prior.log_density(weight) == pytest.approx(base.prior.log_density(weight)[world.parent], abs=1e-12)
    density = world.prior.probability / world.overlay.area_km2
    assert np.log(density) == pytest.approx(world.prior.log_density(1.0), abs=1e-9)
    assert world.overlay.area_km2.max() < 60_000 < base.overlay.area_km2.max()
    assert set(world.edges) == {"elevation", "coast_distance"}


def test_a_synthetic_world_is_split_in_memory(tmp_path):
    world = EvidenceWorld.of(make_world(), make_partitions())
    assert not list(tmp_path.rglob("evidence-*"))
    assert world.overlay.cells > world.base.overlay.cells
