"""The default photo places and the geocells grown from them."""

import subprocess
import sys
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from engine.errors import ArtifactError, InputError
from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.partitions import photo_locations
from engine.partitions.geocells import ancestors, geocells_partition
from engine.partitions.partition import NOWHERE, gather_on_owners
from engine.partitions.photo_locations import default_geocells, default_photo_places


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A stand-in for the installed package; holds no file yet."""
    spec = ModuleSpec("geoclip", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(photo_locations, "find_spec", lambda _name: spec)
    default_photo_places.cache_clear()
    yield tmp_path
    default_photo_places.cache_clear()


def test_places_are_the_published_ones_without_duplicates():
    places = default_photo_places()
    assert len(places) == 94_123
    assert np.unique(np.stack([places.latitude, places.longitude]), axis=1).shape == (2, 94_123)
    assert (places.latitude[0], places.longitude[0]) == (-50.943392, -72.935664)
    assert places.licence == "MIT"
    assert not places.latitude.flags.writeable
    assert (places.latitude.min(), places.latitude.max()) == pytest.approx((-55.94, 79.52), abs=0.01)


def test_places_are_read_without_importing_their_package():
    code = (
        "import sys; from engine.partitions.photo_locations import default_photo_places as f; f();"
        "sys.exit(bool({'torch', 'geoclip'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_package_is_one_sentence(monkeypatch):
    monkeypatch.setattr(photo_locations, "find_spec", lambda _name: None)
    with pytest.raises(ArtifactError, match=r"geoclip, .* is missing; install"):
        photo_locations._gallery_bytes()


def test_a_missing_file_is_one_sentence(package):
    with pytest.raises(ArtifactError, match=r"cannot be read .*; install"):
        default_photo_places()


def test_a_changed_file_is_one_sentence(package):
    path = package / photo_locations.GEOCLIP_GALLERY
    path.parent.mkdir(parents=True)
    path.write_text("LAT,LON\n1,2\n")
    with pytest.raises(ArtifactError, match=r"has sha256 .* not 3a00b1ba58f1"):
        default_photo_places()


@pytest.mark.parametrize(
    ("size", "count", "maximum"), [("coarse", 3271, 100), ("middle", 7254, 40), ("fine", 13250, 20)]
)
def test_default_geocells_hold_every_photo(size, count, maximum):
    cells, places = default_geocells(size), default_photo_places()
    assert cells.name == f"geocells_{size}"
    assert len(cells) == count
    assert cells.photo_count.sum() == len(places)
    assert cells.photo_count.max() <= maximum
    label = cells.label_at(places.latitude, places.longitude)
    np.testing.assert_array_equal(np.bincount(label, minlength=count), cells.photo_count)
    inside = cells.label_at(cells.mean_latitude, cells.mean_longitude)
    assert (inside == np.arange(count)).mean() > 0.99  # a mean point may fall outside its cell, cells are not convex


def test_every_fine_geocell_has_an_ancestor_in_both_coarser_ones():
    fine = default_geocells("fine")
    for size in ("coarse", "middle"):
        around = default_geocells(size)
        label = ancestors(fine, around)
        assert (label != NOWHERE).all()
        assert (np.bincount(label, fine.photo_count) == around.photo_count).all()


def test_an_unknown_size_is_refused():
    with pytest.raises(InputError, match="choose coarse, middle or fine"):
        default_geocells("huge")


def test_fine_geocells_on_the_default_grid_lose_no_photo():
    cells = default_geocells("fine")
    partition = geocells_partition(cells, Grid())
    assert partition.raster.dtype == np.int16
    small = np.flatnonzero(partition.owner != np.arange(len(cells)))
    assert cells.photo_count[small].sum() > 20_000  # what rasterising by pixel centre alone would lose
    probability = cells.photo_count / cells.photo_count.sum()
    assert gather_on_owners(probability, partition.owner).sum() == pytest.approx(1.0, rel=1e-12)
    area = partition.area_km2()
    assert (area[partition.owner] > 0.0).all()
    assert area.sum() == pytest.approx(s2.cell_area_km2(cells.ids).sum(), rel=2e-3)
