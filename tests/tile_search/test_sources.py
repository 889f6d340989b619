"""Archives and rasters, good and broken."""

import gzip
import sqlite3
import struct
from contextlib import suppress

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_bounds

from engine.errors import InputError, LayerError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import Tile
from engine.testing.synthetic_tiles import encode_image, tile_picture
from engine.tile_search.imagery import Bounds, SourceRecord, TileError, decode_tile, first_codes, is_blank, levels_of
from engine.tile_search.sources.builtin_imagery import BuiltinImagery
from engine.tile_search.sources.mbtiles import MbTiles, one_line
from engine.tile_search.sources.opening import catalogue, is_own_template, open_source, records


def write_mbtiles(path, rows, metadata=()):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    connection.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
    connection.executemany("INSERT INTO metadata VALUES (?, ?)", metadata)
    connection.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return path


def test_mbtiles_rows_count_from_the_south(tmp_path):
    tile = Tile(4, 3, 2)
    rows = [(4, 3, 15 - 2, encode_image(tile_picture(tile)))]
    source = MbTiles(write_mbtiles(tmp_path / "a.mbtiles", rows, [("name", "A\nB"), ("attribution", "Us")]))
    np.testing.assert_array_equal(source.read(tile), tile_picture(tile))
    assert source.read(Tile(4, 3, 13)) is None
    assert (source.record.title, source.record.attribution) == ("A B", "Us")
    assert (source.record.min_zoom, source.record.max_zoom) == (4, 4)
    source.close()
    with pytest.raises(LayerError, match="closed"):
        source.read(tile)


def test_mbtiles_of_strangers(tmp_path):
    rows = [
        (4, 0, 15, None),
        (4, 1, 15, b"not a picture"),
        (4, 2, 15, "text"),
        (4, 3, 15, b"\x1f\x8b broken"),
        (4, 4, 15, gzip.compress(bytes(20_000_000))),
        (4, 5, 15, gzip.compress(encode_image(tile_picture(Tile(4, 5, 0))))),
    ]
    source = MbTiles(write_mbtiles(tmp_path / "a.mbtiles", rows))
    assert source.read(Tile(4, 0, 0)) is None
    for x, word in (
        (1, "not a picture"),
        (2, "not stored as bytes"),
        (3, "packed but damaged"),
        (4, "more than a tile"),
    ):
        with pytest.raises(TileError, match=word):
            source.read(Tile(4, x, 0))
    np.testing.assert_array_equal(source.read(Tile(4, 5, 0)), tile_picture(Tile(4, 5, 0)))
    source.close()


def test_a_view_that_never_ends_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.tile_search.sources.mbtiles.LONGEST_S", 0.2)
    path = write_mbtiles(tmp_path / "a.mbtiles", [], [("minzoom", "4"), ("maxzoom", "4")])
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE tiles; CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT 99 AS zoom_level, i AS tile_column, i AS tile_row, NULL AS tile_data FROM n WHERE i < 0;"
    )
    connection.close()
    with pytest.raises(LayerError, match="not a readable"):
        MbTiles(path)


@pytest.mark.parametrize(
    ("metadata", "rows", "word"),
    [
        ([("format", "pbf")], [(4, 0, 0, b"x")], "vector"),
        ([], [], "no tiles"),
        ([("minzoom", "9"), ("maxzoom", "3")], [(4, 0, 0, b"x")], "make no sense"),
    ],
)
def test_mbtiles_that_are_refused(tmp_path, metadata, rows, word):
    with pytest.raises(LayerError, match=word):
        MbTiles(write_mbtiles(tmp_path / "a.mbtiles", rows, metadata))


def test_archives_that_are_not_there_or_cut_short(tmp_path):
    for name in ("a.mbtiles", "a.pmtiles", "a.tif"):
        with pytest.raises(LayerError, match="There is no"):
            open_source(str(tmp_path / name))
    whole = write_mbtiles(tmp_path / "a.mbtiles", [(4, 0, 0, bytes(50_000))]).read_bytes()
    (tmp_path / "cut.mbtiles").write_bytes(whole[:5000])
    with pytest.raises(LayerError, match="not a readable"):
        open_source(str(tmp_path / "cut.mbtiles"))


@pytest.mark.shared
def test_real_mbtiles(shared):
    folder = shared / "data/tiles"
    for kind in ("jpg", "png", "webp"):
        source = MbTiles(folder / f"mbtileserver/geography-class-{kind}.mbtiles")
        assert source.read(Tile(1, 0, 0)).shape == (256, 256, 3)
        source.close()
    for name in ("mbtileserver/invalid.mbtiles", "node-mbtiles/corrupt.mbtiles"):
        with pytest.raises(LayerError, match="copy or download"):
            MbTiles(folder / name)
    source = MbTiles(folder / "mbtileserver/invalid-tile-format.mbtiles")
    with pytest.raises(TileError, match="not a picture"):
        source.read(Tile(0, 0, 0))
    source.close()
    for name, gone in (("corrupt_null_tile", 1), ("some-empty-tiles", 9)):
        source = MbTiles(folder / f"node-mbtiles/{name}.mbtiles")
        zooms = range(source.record.min_zoom, source.record.max_zoom + 1)
        read = [source.read(web_mercator.tile_of(z, int(c))) for z in zooms for c in first_codes(source.record, z)]
        assert sum(pixels is None for pixels in read) == gone
        source.close()


@pytest.mark.shared
def test_real_pmtiles(shared):
    pytest.importorskip("pmtiles")
    folder = shared / "data/tiles/PMTiles"
    source = open_source(str(next(folder.glob("stamen*.pmtiles"))))
    assert all(source.read(web_mercator.tile_of(3, code)).shape == (256, 256, 3) for code in range(64))
    source.close()
    source = open_source(str(folder / "usgs-mt-whitney-8-15-webp-512.pmtiles"))
    assert levels_of(source.record) == (8, 10, 12, 14)
    assert source.record.attribution == "Created by QGIS algorithm: Generate XYZ tiles (Directory)"
    assert source.read(web_mercator.tile_of(14, int(web_mercator.codes_at(36.5785, -118.2923, 14)))).shape == (
        512,
        512,
        3,
    )
    assert source.read(Tile(14, 0, 0)) is None
    source.close()
    for name, word in (("empty", "empty"), ("invalid", "not a PMTiles"), ("invalid_v4", "version 4")):
        with pytest.raises(LayerError, match=word):
            open_source(str(folder / f"{name}.pmtiles"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('&copy; <a href="https://osm.example">OpenStreetMap</a>  contributors', "\u00a9 OpenStreetMap contributors"),
        ("one\ntwo\x00", "one two"),
        ("a" * 500, "a" * 200),
    ],
)
def test_words_of_strangers_become_one_line(text, line):
    assert one_line(text) == line


@pytest.mark.shared
def test_pmtiles_cut_short_at_any_place(shared, tmp_path):
    pytest.importorskip("pmtiles")
    whole = (shared / "data/tiles/PMTiles/usgs-mt-whitney-8-15-webp-512.pmtiles").read_bytes()
    refused, rng = 0, np.random.default_rng(0)
    tile = web_mercator.tile_of(14, int(web_mercator.codes_at(36.5785, -118.2923, 14)))
    for number in range(60):
        data = bytearray(whole[: int(rng.integers(1, 3000))] if number % 2 else whole)
        if number % 2 == 0:
            data[int(rng.integers(0, 300))] ^= int(rng.integers(1, 256))
        path = tmp_path / f"{number}.pmtiles"
        path.write_bytes(data)
        try:
            source = open_source(str(path))
        except LayerError:
            refused += 1
            continue
        with suppress(TileError):
            source.read(tile)
        source.close()
    assert 0 < refused < 60


def write_raster(path, pixels, box, crs="EPSG:4326", **options):
    count, height, width = pixels.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=count,
        height=height,
        width=width,
        dtype=pixels.dtype,
        crs=crs,
        transform=from_bounds(*box, width, height),
        **options,
    ) as file:
        file.write(pixels)
    return path


def test_rasters_become_tiles(tmp_path):
    pytest.importorskip("rio_tiler")
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 512, 512), np.uint8)
    source = open_source(str(write_raster(tmp_path / "a.tif", pixels, (10.0, 45.0, 12.0, 47.0))))
    assert source.record.bounds.west == pytest.approx(10.0) and source.record.bounds.north == pytest.approx(47.0)
    zoom = source.record.max_zoom
    picture = source.read(web_mercator.tile_of(zoom, int(web_mercator.codes_at(46.0, 11.0, zoom))))
    assert picture.shape == (256, 256, 3) and picture.std() > 20
    assert source.read(web_mercator.tile_of(zoom, int(web_mercator.codes_at(-46.0, 11.0, zoom)))) is None
    source.close()


def test_grey_rasters_of_16_bits_are_stretched(tmp_path):
    pytest.importorskip("rio_tiler")
    pixels = np.linspace(1000, 3000, 256 * 256).reshape(1, 256, 256).astype(np.uint16)
    source = open_source(str(write_raster(tmp_path / "a.tif", pixels, (10.0, 45.0, 12.0, 47.0))))
    picture = source.read(web_mercator.tile_of(7, int(web_mercator.codes_at(46.0, 11.0, 7))))
    inside = picture[(picture < 255).any(axis=2)]
    assert inside.min() < 20 and inside.max() > 235
    source.close()


def test_rasters_that_are_refused(tmp_path):
    pytest.importorskip("rio_tiler")
    (tmp_path / "a.tif").write_bytes(b"II*\0 not a raster")
    with pytest.raises(LayerError, match="not a readable GeoTIFF"):
        open_source(str(tmp_path / "a.tif"))
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    vrt = tmp_path / "b.tif"
    vrt.write_text(
        f'<VRTDataset rasterXSize="4" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1" '
        f'subClass="VRTRawRasterBand"><SourceFilename>{secret}</SourceFilename></VRTRasterBand></VRTDataset>'
    )
    with pytest.raises(LayerError, match="not a readable GeoTIFF"):
        open_source(str(vrt))
    with rasterio.open(
        tmp_path / "c.tif",
        "w",
        driver="GTiff",
        count=1,
        height=8,
        width=8,
        dtype="uint8",
        transform=from_bounds(0, 0, 1, 1, 8, 8),
    ) as file:
        file.write(np.zeros((1, 8, 8), np.uint8))
    with pytest.raises(LayerError, match="no place on Earth"):
        open_source(str(tmp_path / "c.tif"))


def test_the_built_in_imagery_is_the_earth():
    source = BuiltinImagery()
    sea, desert = (
        source.read(web_mercator.tile_of(5, int(web_mercator.codes_at(*place, 5)))) for place in ((0, -140), (24, 12))
    )
    assert sea[..., 2].mean() > sea[..., 0].mean() + 20
    assert desert[..., 0].mean() > desert[..., 2].mean() + 25
    assert source.read(Tile(7, 0, 0)) is None
    west, east = source.read(Tile(2, 0, 1)), source.read(Tile(2, 3, 1))
    assert np.abs(west[:, 0].astype(int) - east[:, -1].astype(int)).mean() < 12  # no seam at the antimeridian
    assert levels_of(source.record) == (4, 6)


def test_the_built_in_imagery_agrees_with_rio_tiler(tmp_path):
    pytest.importorskip("rio_tiler")
    from engine.layers.assets_folder import assets_path
    from engine.tile_search.sources.builtin_imagery import _open_picture

    picture = _open_picture(assets_path("basemap/blue_marble.webp"))
    source, tile = BuiltinImagery(), Tile(4, 8, 5)
    small = picture.transpose(2, 0, 1)
    other = open_source(str(write_raster(tmp_path / "a.tif", small, (-180, -90, 180, 90))))
    difference = np.abs(source.read(tile).astype(int) - other.read(tile).astype(int))
    other.close()
    assert difference.mean() < 6


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_tiles_are_decoded_by_content(kind):
    assert decode_tile(encode_image(tile_picture(Tile(4, 0, 0)), kind), "t").shape == (32, 32, 3)


def test_pictures_that_are_no_tiles():
    big = struct.pack(">I", 60_000) * 2
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + big + b"\x08\x02\0\0\0" + b"\0\0\0\0"
    for data in (
        b"",
        b"GIF89a" + bytes(30),
        b"<svg/>",
        bomb,
        encode_image(tile_picture(Tile(4, 0, 0)))[:60],
        bytes(9_000_000),
    ):
        with pytest.raises(TileError):
            decode_tile(data, "Tile 4/0/0")


def test_one_colour():
    pixels = np.full((8, 8, 3), 7, np.uint8)
    assert is_blank(pixels)
    pixels[7, 7, 2] = 8
    assert not is_blank(pixels)


def test_levels_and_first_tiles_of_a_source():
    record = SourceRecord("a", "A", "", "", 8, 13, Bounds(45, 9, 46, 10))
    assert levels_of(record) == (8, 10, 12)
    assert first_codes(record, 8).size < 10
    with pytest.raises(InputError, match="none of"):
        levels_of(SourceRecord("a", "A", "", "", 17, 18))
    with pytest.raises(InputError, match="coarser zoom"):
        levels_of(SourceRecord("a", "A", "", "", 12, 16))
    with pytest.raises(InputError, match="zooms 5 to 4"):
        SourceRecord("a", "A", "", "", 5, 4)


def test_the_catalogue_names_attribution_and_terms():
    assert {"s2cloudless_2016", "gibs_blue_marble", "usgs_imagery"} <= set(catalogue())
    for record in records():
        assert record.attribution and record.terms and record.homepage
    assert not is_own_template("s2cloudless_2016") and is_own_template("https://a/{z}/{x}/{y}")
    with pytest.raises(InputError, match="no imagery 'nonsense'"):
        open_source("nonsense")
