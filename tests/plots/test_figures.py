"""Figures are looked at as objects: what is drawn where, in which numbers."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.cli.plot import app, layer_named, parse_window
from engine.errors import ExportError, InputError, LayerError
from engine.geometry.grid import Grid
from engine.layers.attributes import POPULATION
from engine.layers.convert import ReadOptions
from engine.layers.in_use import layer_in_use
from engine.layers.user_layers import add_layer
from engine.partitions.geocells import grow
from engine.plots import masks
from engine.plots.canvas import check_ending, save
from engine.plots.density import PhotoSet, class_shares, densities_at, figure_6
from engine.plots.masks import MapPanel, figure_1, figure_3, mask_cover


@pytest.fixture(scope="module")
def rasters():
    path = Path(__file__).resolve().parents[1] / "layers" / "rasters.py"
    spec = importlib.util.spec_from_file_location("layer_rasters", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "data"))


@pytest.fixture
def people(tmp_path, rasters):
    return rasters.write(tmp_path / "people.tif", rasters.people(), nodata=rasters.SEA)


@pytest.fixture
def population(people):
    add_layer(people, POPULATION, ReadOptions(coarse=True))
    return layer_in_use("population")


@pytest.fixture
def small_maps(monkeypatch):
    monkeypatch.setattr(masks, "WORLD_GRID", Grid(180, 360))
    monkeypatch.setattr(masks, "WINDOW_GRID", Grid(360, 720))


def places(rng=0, count=3000):
    """Photos of towns and a few at sea."""
    from engine.partitions.photo_locations import default_photo_places

    some = np.random.default_rng(rng).choice(len(default_photo_places()), count, replace=False)
    found = default_photo_places()
    return PhotoSet("photos", found.latitude[some], found.longitude[some])


def test_a_mask_is_the_share_of_its_class(population, rasters):
    grid = Grid(180, 360)
    cover, window = mask_cover(population, "low", grid, (35, -11, 60, 30))
    labels = population.on(Grid(*rasters.SHAPE)).rows(0, 360)
    share = (labels == 1).reshape(180, 2, 360, 2).mean((1, 3))
    assert window == pytest.approx((35, -11, 60, 30), abs=1.01)
    top, left = int(90 - window[2]), int(window[1] + 180)
    assert cover == pytest.approx(share[top : top + cover.shape[0], left : left + cover.shape[1]], abs=0.01)


def test_figure_1_draws_the_mask_and_the_maps_of_a_photo(population, small_maps):
    pytest.importorskip("matplotlib")
    mass = np.zeros((18, 36))
    mass[3, 20] = 1.0
    figure = figure_1(population, "low", (MapPanel("Scene", mass), MapPanel("Ensemble", mass)))
    assert [axes.get_title()[:3] for axes in figure.axes] == ["(A)", "(B)", "(C)"]
    assert "people.tif" in figure.axes[0].get_title()
    ink = figure.axes[0].images[1].get_array()  # over the land
    assert ink.shape == (180, 360, 4)
    assert 0.01 < float((ink[..., 3] > 0).mean()) < 0.3
    shown = figure.axes[1].images[0].get_array()
    assert np.unravel_index(shown.argmax(), shown.shape) == (3, 20)


def test_figure_3_draws_the_geocells_of_europe_over_the_mask(population, small_maps):
    pytest.importorskip("matplotlib")
    there = places()
    cells = grow(there.latitude, there.longitude, 0, 20)
    (axes,) = figure_3(population, "medium", cells.ids).axes
    outlines = axes.collections[0].get_paths()
    assert 10 < len(outlines) < len(cells)
    corners = np.concatenate([path.vertices for path in outlines])
    assert corners[:, 0].min() < 30
    assert corners[:, 1].max() > 35
    assert axes.get_xlim() == pytest.approx((-11, 30), abs=0.6)
    assert axes.get_ylim() == pytest.approx((35, 60), abs=0.6)


def test_figure_6_shows_densities_with_the_edges_and_how_photos_fall(population, people):
    pytest.importorskip("matplotlib")
    one, other = places(0), places(1, 500)
    densities = densities_at(people, one, coarse=True)
    figure = figure_6(population, [one, other], densities)
    curve, first, second = figure.axes
    assert curve.lines[0].get_ydata()[-1] == pytest.approx(100)
    assert [line.get_xdata()[0] for line in curve.lines[1:]] == pytest.approx(list(population.thresholds))
    for axes, photos in ((first, one), (second, other)):
        heights = [bar.get_height() for bar in axes.patches]
        assert heights == pytest.approx(class_shares(population, photos)[0].tolist())
        assert sum(heights) == pytest.approx(100)


def test_densities_are_the_rasters_own_values(people, rasters):
    photos = places()
    values = rasters.people()
    row = np.floor((90 - photos.latitude) * 2).astype(int)
    column = np.floor((photos.longitude + 180) * 2).astype(int) % 720
    expected = values[row, column]
    assert np.array_equal(densities_at(people, photos, coarse=True), np.sort(expected[expected > 0]))
    with pytest.raises(LayerError, match="expected was 21600 x 43200"):
        densities_at(people, photos)


def test_without_thresholds_classes_are_counted():
    pytest.importorskip("matplotlib")
    built_in = layer_in_use("population")
    figure = figure_6(built_in, [places()])
    assert figure.axes[0].lines[0].get_ydata()[-1] == pytest.approx(100)
    at_sea = PhotoSet("boats", np.array([0.0, -40.0]), np.array([-30.0, -120.0]))
    with pytest.raises(InputError, match="boats"):
        figure_6(built_in, [at_sea])


def test_refusals(population, tmp_path):
    with pytest.raises(InputError, match="no label 'huge'"):
        figure_1(population, "huge")
    with pytest.raises(InputError, match="no layer 'rainfall'"):
        layer_named("rainfall")
    assert layer_named("land-cover").name == "land_cover"
    assert parse_window("") == (35.0, -11.0, 60.0, 30.0)
    assert parse_window("-10,0,10,20") == (-10.0, 0.0, 10.0, 20.0)
    for text in ("here", "1,2,3", "60,0,30,20", "0,0,100,20"):
        with pytest.raises(InputError):
            parse_window(text)
    with pytest.raises(InputError, match="ends in"):
        check_ending(tmp_path / "x.gif")


def test_a_missing_matplotlib_raises_a_clear_error(population, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ExportError, match="pip install matplotlib"):
        figure_6(population, [places()])


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_figures_are_written_from_the_command_line(population, small_maps, tmp_path, ending):
    pytest.importorskip("matplotlib")
    manifest = tmp_path / "photos.csv"
    manifest.write_text("id,lat,lon\n" + "".join(f"{n},{40 + n / 10},{n / 10}\n" for n in range(50)))
    for words in (["fig1"], ["fig3", "--window", "40,0,50,10"], ["fig6", str(manifest)]):
        out = tmp_path / "made" / f"{words[0]}.{ending}"
        done = CliRunner().invoke(app, [*words, "--out", str(out)])
        assert done.exit_code == 0, done.stderr
        assert out.stat().st_size > 1000
    done = CliRunner().invoke(app, ["fig1", "--label", "huge", "--out", str(tmp_path / "x.png")])
    assert done.exit_code == 2
    assert "no label" in done.stderr


def test_an_unwritable_path_raises_a_clear_error(population, small_maps, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match="--out"):
        save(figure_6(population, [places()]), tmp_path / "file" / "x.png")
