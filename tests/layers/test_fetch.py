"""Fetching from a server that speaks as much STAC as the client asks for."""

import http.server
import json
import threading
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from engine.errors import LayerError
from engine.layers.attributes import LAND_COVER
from engine.layers.convert import ReadOptions
from engine.layers.fetch import CATALOGUE, Catalogue, find_tiles
from engine.layers.mosaic import mosaic_of
from engine.layers.user_layers import add_fetched, add_layer, layers_folder

COARSE = ReadOptions(coarse=True)
TILE = 90


class Server:
    """A STAC API with one collection of tiles of 45 degrees."""

    def __init__(self, folder):
        self.folder, self.asked, self.signed, self.broken, self.elsewhere = folder, [], False, set(), ""
        self.years = {2015: sorted(path.stem for path in folder.glob("*.tif"))}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def do_POST(self):
                length = int(self.headers["content-length"])
                outer.answer(self, json.loads(self.rfile.read(length)))

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler, body=None):
        path, query = urlsplit(handler.path).path, parse_qs(urlsplit(handler.path).query)
        self.asked.append(path)
        if path == "/stac":
            self.send(handler, self.landing())
        elif path == "/stac/search":
            self.send(handler, self.found(body or {key: value[0] for key, value in query.items()}))
        elif path == "/sign":
            self.send(handler, {"href": query["href"][0] + "?signed=yes"})
        elif path.startswith("/tiles/"):
            self.send_tile(handler, path.rsplit("/", 1)[1], query)
        else:
            handler.send_error(404)

    def send_tile(self, handler, name, query):
        data = (self.folder / name).read_bytes()
        if self.signed and query.get("signed") != ["yes"]:
            handler.send_error(403)
            return
        handler.send_response(200)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if name in self.broken else data)

    def send(self, handler, value):
        data = json.dumps(value).encode()
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def landing(self):
        classes = ["core", "item-search"]
        return {
            "type": "Catalog",
            "id": "made-up",
            "stac_version": "1.0.0",
            "description": "made up",
            "conformsTo": [f"https://api.stacspec.org/v1.0.0/{one}" for one in classes],
            "links": [
                {"rel": "self", "href": f"{self.url}/stac"},
                {"rel": "root", "href": f"{self.url}/stac"},
                {"rel": "search", "href": f"{self.url}/stac/search", "type": "application/geo+json", "method": "POST"},
            ],
        }

    def found(self, body):
        year = int(body["datetime"][:4])
        assert body["collections"] == ["esa-cci-lc"]
        return {"type": "FeatureCollection", "links": [], "features": [self.item(n) for n in self.years.get(year, [])]}

    def item(self, name):
        base = self.elsewhere or self.url
        return {
            "type": "Feature",
            "stac_version": "1.0.0",
            "id": name,
            "collection": "esa-cci-lc",
            "geometry": {"type": "Point", "coordinates": [0, 0]},
            "bbox": [0, 0, 1, 1],
            "properties": {"datetime": "2015-01-01T00:00:00Z"},
            "links": [],
            "assets": {
                "lccs_class": {"href": f"{base}/tiles/{name}.tif", "type": "image/tiff"},
                "change_count": {"href": f"{base}/tiles/nothing.tif"},
            },
        }


@pytest.fixture
def tiles(tmp_path, rasters):
    """The Earth of 360 x 720 pixels in 32 tiles of 90 x 90."""
    folder = tmp_path / "served"
    folder.mkdir()
    values, step = rasters.cover(), 0.5
    for top in range(0, 360, TILE):
        for left in range(0, 720, TILE):
            corner = from_origin(-180 + left * step, 90 - top * step, step, step)
            part = values[top : top + TILE, left : left + TILE]
            rasters.write(folder / f"lc-2015-{top:03d}-{left:03d}.tif", np.ascontiguousarray(part), transform=corner)
    return folder


@pytest.fixture
def server(tiles):
    made = Server(tiles)
    yield made
    made.server.shutdown()
    made.server.server_close()


def numbers(layer):
    with rasterio.open(layer.path) as dataset:
        return dataset.read(1)


# --- tiles, without a network -----------------------------------------------------------------------------------------


def test_tiles_side_by_side_are_the_whole(tiles, rasters):
    whole = mosaic_of(list(tiles.glob("*.tif")))
    assert (whole.height, whole.width) == rasters.SHAPE
    for window in [(0, 360), (80, 100), (359, 360)]:
        assert np.array_equal(whole.read(1, (window, (0, 720))), rasters.cover()[slice(*window)])


def test_tiles_that_leave_a_hole_are_refused(tiles, sentence):
    (tiles / "lc-2015-090-180.tif").unlink()
    with pytest.raises(LayerError, match=r"cover 96\.88 % of the Earth") as caught:
        mosaic_of(list(tiles.glob("*.tif")))
    sentence(caught.value)
    with pytest.raises(LayerError, match="no tile") as caught:
        mosaic_of([])
    sentence(caught.value)


@pytest.mark.parametrize(
    ("step", "west", "match"),
    [(0.25, 0, "other pixels than"), (0.5, 0.25, "between the pixels"), (-0.5, 0, "north up")],
)
def test_a_tile_of_another_lattice_is_refused(tiles, rasters, step, west, match, sentence):
    corner = from_origin(-90 + west, 45, abs(step), step)
    rasters.write(tiles / "lc-2015-090-180.tif", np.ones((TILE, TILE), np.uint8), transform=corner)
    with pytest.raises(LayerError, match=match) as caught:
        mosaic_of(list(tiles.glob("*.tif")))
    sentence(caught.value)


# --- with one ---------------------------------------------------------------------------------------------------------


def test_a_year_is_fetched_and_put_in_use(server, tmp_path, rasters):
    pytest.importorskip("pystac_client")
    said = []
    catalogue = Catalogue.at(f"{server.url}/stac")
    layer = add_fetched(2015, catalogue, lambda what, share: said.append(share), options=COARSE)
    path = rasters.write(tmp_path / "lc.tif", rasters.cover())
    plain = add_layer(path, LAND_COVER, COARSE, folder=tmp_path / "other")
    assert np.array_equal(numbers(layer), numbers(plain))
    assert layer.land_shares == plain.land_shares
    assert layer.source_file == "esa-cci-lc 2015"
    assert len(layer.source_sha256) == 64
    assert said == sorted(said)
    assert said[-1] == pytest.approx(1.0)
    assert sorted(path.name for path in layers_folder().iterdir()) == ["land_cover.tif", "land_cover.toml"]


def test_addresses_are_signed_where_the_host_wants_it(server):
    pytest.importorskip("pystac_client")
    server.signed = True
    layer = add_fetched(2015, Catalogue(f"{server.url}/stac", f"{server.url}/sign"), options=COARSE)
    assert layer.covered == 100
    assert server.asked.count("/sign") == 32
    assert Catalogue.at(CATALOGUE).signer.endswith("/api/sas/v1/sign")
    assert Catalogue.at(server.url).signer == ""


def test_a_broken_tile_is_told_and_the_others_are_not_fetched_twice(server, sentence):
    pytest.importorskip("pystac_client")
    catalogue = Catalogue.at(f"{server.url}/stac")
    server.broken = {"lc-2015-180-360.tif"}
    with pytest.raises(LayerError, match=r"lc-2015-180-360\.tif") as caught:
        add_fetched(2015, catalogue, options=COARSE)
    sentence(caught.value)
    server.broken, server.asked[:] = set(), []
    add_fetched(2015, catalogue, options=COARSE)
    fetched = [path for path in server.asked if path.startswith("/tiles/")]
    assert 0 < len(fetched) < 32
    assert "/tiles/lc-2015-180-360.tif" in fetched


@pytest.mark.parametrize("year", [1066, 2016])
def test_a_year_without_tiles_is_told(server, year, sentence):
    pytest.importorskip("pystac_client")
    with pytest.raises(LayerError, match=str(year)) as caught:
        find_tiles(Catalogue.at(f"{server.url}/stac"), year)
    sentence(caught.value)


def test_a_server_that_is_none_is_told(server, sentence):
    pytest.importorskip("pystac_client")
    for address in (f"{server.url}/nothing", "http://127.0.0.1:9/stac"):
        with pytest.raises(LayerError, match="cannot be reached") as caught:
            find_tiles(Catalogue.at(address), 2015)
        sentence(caught.value)
    for address in ("file:///etc/passwd", "nonsense"):
        with pytest.raises(LayerError, match="not a web address") as caught:
            Catalogue.at(address)
        sentence(caught.value)


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9", "file:///etc", "ftp://example.org"])
def test_a_catalogue_may_not_send_us_just_anywhere(server, elsewhere, sentence):
    pytest.importorskip("pystac_client")
    server.elsewhere = elsewhere
    with pytest.raises(LayerError, match="expected was https") as caught:
        add_fetched(2015, Catalogue.at(f"{server.url}/stac"), options=COARSE)
    sentence(caught.value)


def test_without_the_client_the_remedy_is_named(monkeypatch, sentence):
    import sys

    monkeypatch.setitem(sys.modules, "pystac_client", None)
    with pytest.raises(LayerError, match=r"hereabouts\[stac\]") as caught:
        find_tiles(Catalogue(), 2015)
    sentence(caught.value)
