"""Every bad file of the brief: one clear sentence each, and nothing is changed."""

import numpy as np
import pytest
from rasterio.transform import Affine, from_origin

from engine.errors import LayerError
from engine.layers.attributes import LAND_COVER, POPULATION
from engine.layers.convert import ReadOptions
from engine.layers.guard import open_dataset
from engine.layers.user_layers import add_layer, layers_folder

COARSE = ReadOptions(coarse=True)
STEP = 0.5


def refused(path, attribute, match, sentence, options=COARSE):
    with pytest.raises(LayerError, match=match) as caught:
        add_layer(path, attribute, options)
    text = sentence(caught.value)
    assert path.name in text
    assert list(layers_folder().iterdir()) == []
    return text


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"crs": "EPSG:3857"}, "EPSG:3857"),
        ({"crs": "EPSG:4267"}, "EPSG:4267"),
        ({"crs": None}, "no coordinate system"),
        ({"transform": from_origin(-180 + STEP / 2, 90, STEP, STEP)}, r"shifted by \+0\.50 pixels to the east"),
        ({"transform": from_origin(-180, 90 - STEP / 2, STEP, STEP)}, r"\+0\.50 to the south"),
        ({"transform": from_origin(-180, 90, STEP / 2, STEP / 2)}, "whole Earth"),
        ({"transform": from_origin(0, 90, STEP, STEP)}, "shifted by"),
        ({"transform": Affine(STEP, 0, -180, 0, STEP, -90)}, "upside down, its first row is the south"),
        ({"transform": Affine(-STEP, 0, 180, 0, -STEP, 90)}, "turned or mirrored"),
        ({"transform": Affine(STEP, 0.1, -180, 0, -STEP, 90)}, "turned or mirrored"),
        ({"nodata": None}, "--no-data"),
    ],
)
def test_a_raster_that_lies_elsewhere_is_refused(tmp_path, rasters, changes, match, sentence):
    path = rasters.write(tmp_path / "p.tif", rasters.people(), **{"nodata": rasters.SEA, **changes})
    refused(path, POPULATION, match, sentence)


def test_without_a_place_at_all_there_is_no_warning_but_a_sentence(tmp_path, rasters, sentence):
    from PIL import Image

    Image.fromarray(rasters.cover()).save(tmp_path / "plain.tif")
    refused(tmp_path / "plain.tif", LAND_COVER, "no coordinate system", sentence)


@pytest.mark.parametrize("shape", [(360, 700), (361, 721), (7, 14), (350, 700)])
def test_a_wrong_resolution_is_refused_even_when_coarse_is_taken(tmp_path, rasters, shape, sentence):
    path = rasters.write(tmp_path / "p.tif", np.ones(shape, np.int32), nodata=-1)
    refused(path, POPULATION, f"{shape[0]} x {shape[1]} pixels, expected was 21600 x 43200", sentence)


def test_a_coarse_copy_is_taken_only_when_asked(tmp_path, rasters, sentence):
    path = rasters.write(tmp_path / "p.tif", rasters.people(), nodata=rasters.SEA)
    assert "--coarse" in refused(path, POPULATION, "expected was 21600 x 43200", sentence, ReadOptions())
    path = rasters.write(tmp_path / "lc.tif", rasters.cover())
    refused(path, LAND_COVER, "expected was 64800 x 129600", sentence, ReadOptions())


@pytest.mark.parametrize("turn", ["upside down", "mirrored", "from 0 to 360 degrees"])
@pytest.mark.parametrize("name", ["population", "land_cover"])
def test_an_earth_that_lies_otherwise_than_its_header_says_is_refused(tmp_path, rasters, turn, name, sentence):
    values = rasters.people() if name == "population" else rasters.cover()
    turned = {"upside down": values[::-1], "mirrored": values[:, ::-1]}.get(turn, np.roll(values, 360, 1))
    path = rasters.write(tmp_path / "p.tif", np.ascontiguousarray(turned), nodata=int(values.min()))
    refused(path, POPULATION if name == "population" else LAND_COVER, f"shows the Earth {turn}", sentence)


@pytest.mark.parametrize("kind", [np.uint8, np.complex64])
def test_a_wrong_type_of_population_is_refused(tmp_path, rasters, kind, sentence):
    values = np.ones((180, 360), kind)
    refused(rasters.write(tmp_path / "p.tif", values, nodata=0), POPULATION, "expected was one band", sentence)


@pytest.mark.parametrize("kind", [np.float32, np.complex64])
def test_a_wrong_type_of_land_cover_is_refused(tmp_path, rasters, kind, sentence):
    refused(rasters.write(tmp_path / "c.tif", np.ones((180, 360), kind)), LAND_COVER, "whole numbers", sentence)


def test_a_coloured_picture_is_refused(tmp_path, rasters, sentence):
    path = rasters.write(tmp_path / "c.tif", np.zeros((3, 180, 360), np.uint8))
    refused(path, LAND_COVER, "not a coloured picture", sentence)


def test_values_that_no_class_names_are_refused(tmp_path, rasters, sentence):
    values = rasters.cover()
    values[100, 100] = 33
    refused(rasters.write(tmp_path / "c.tif", values), LAND_COVER, "the value 33", sentence)
    sixteen = rasters.cover().astype(np.int16)
    sixteen[100, 100] = -5
    refused(rasters.write(tmp_path / "d.tif", sixteen), LAND_COVER, "the value -5", sentence)


def test_values_below_zero_or_all_alike_are_refused(tmp_path, rasters, sentence):
    people = rasters.people()
    people[people == rasters.SEA] = -9999
    path = rasters.write(tmp_path / "p.tif", people, nodata=rasters.SEA)
    refused(path, POPULATION, "-9999 where it claims", sentence)
    flat = np.where(people == -9999, -1, 5)
    refused(rasters.write(tmp_path / "q.tif", flat, nodata=-1), POPULATION, "no two different", sentence)
    nothing = np.full((180, 360), 0, np.uint8)
    refused(rasters.write(tmp_path / "r.tif", nothing), LAND_COVER, "no data anywhere", sentence)


def test_a_no_data_value_can_be_named(tmp_path, rasters):
    path = rasters.write(tmp_path / "p.tif", rasters.people())
    layer = add_layer(path, POPULATION, ReadOptions(no_data=rasters.SEA, coarse=True))
    assert 20 < layer.covered < 40


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_raster_is_refused(tmp_path, rasters, share, sentence):
    noise = np.random.default_rng(0).integers(0, 1000, rasters.SHAPE).astype(np.int32)
    whole = rasters.write(tmp_path / "whole.tif", noise, nodata=-1).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: int(len(whole) * share)])
    refused(tmp_path / "cut.tif", POPULATION, "truncated or damaged", sentence)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_netcdf_is_refused(tmp_path, rasters, share, sentence):
    pytest.importorskip("h5py")
    whole = rasters.write_netcdf(tmp_path / "whole.nc", rasters.cover()).read_bytes()
    (tmp_path / "cut.nc").write_bytes(whole[: int(len(whole) * share)])
    refused(tmp_path / "cut.nc", LAND_COVER, "truncated or damaged", sentence)


def test_a_netcdf_of_something_else_is_refused(tmp_path, sentence):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "rain.nc", "w") as file:
        file["rain"] = np.zeros((180, 360), np.float32)
        file["snow"] = np.zeros((180, 360), np.float32)
    refused(tmp_path / "rain.nc", LAND_COVER, "no variable 'lccs_class' but rain, snow", sentence)


@pytest.mark.parametrize("content", [b"", b"not a raster", b"\x89PNG\r\n\x1a\n", b"II*\0rubbish", b"\x89HDFrubbish"])
def test_what_is_no_raster_is_refused(tmp_path, content, sentence):
    (tmp_path / "x.tif").write_bytes(content)
    refused(tmp_path / "x.tif", POPULATION, "readable", sentence)


def test_a_missing_file_or_a_folder_is_named(tmp_path, sentence):
    refused(tmp_path / "gone.tif", POPULATION, "missing", sentence)
    (tmp_path / "folder.tif").mkdir()
    refused(tmp_path / "folder.tif", POPULATION, "cannot be read", sentence)


# --- nothing but the file itself is ever opened -----------------------------------------------------------------------

VRT = """<VRTDataset rasterXSize="720" rasterYSize="360"><SRS>EPSG:4326</SRS>
<GeoTransform>-180, 0.5, 0, 90, 0, -0.5</GeoTransform>
<VRTRasterBand dataType="Int32" band="1"><NoDataValue>-1</NoDataValue>
<SimpleSource><SourceFilename relativeToVRT="{relative}">{elsewhere}</SourceFilename><SourceBand>1</SourceBand>
</SimpleSource></VRTRasterBand></VRTDataset>"""


@pytest.mark.parametrize("name", ["x.vrt", "x.tif", "x.nc"])
def test_a_vrt_that_points_elsewhere_is_refused_whatever_it_is_called(tmp_path, rasters, name, sentence):
    secret = rasters.write(tmp_path / "secret.tif", rasters.people(), nodata=rasters.SEA)
    (tmp_path / name).write_text(VRT.format(relative=0, elsewhere=secret))
    refused(tmp_path / name, POPULATION, "VRT, a text that points to other files", sentence)


def test_no_server_is_asked(tmp_path, sentence):
    import http.server
    import threading

    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the library's name

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/x.tif"
    try:
        pointer = VRT.format(relative=0, elsewhere=f"/vsicurl/{address}")
        texts = [pointer, f"/vsicurl/{address}", f"<WMS>{address}</WMS>"]
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.tif").write_text(text)
            refused(tmp_path / f"{number}.tif", POPULATION, "not a readable GeoTIFF", sentence)
        for name in (f"/vsicurl/{address}", address, "WMS:x", "NETCDF:/etc/passwd:x"):
            path = type(tmp_path)(name)
            refused(path, POPULATION, "missing", sentence)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


def test_files_beside_a_raster_do_not_change_it(tmp_path, rasters):
    """A world file would move it, a .vrt.ovr or .aux.xml could name other files."""
    path = rasters.write(tmp_path / "p.tif", rasters.people(), nodata=rasters.SEA, compress="deflate")
    (tmp_path / "p.tfw").write_text("1\n0\n0\n-1\n0\n0\n")
    (tmp_path / "p.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:3857</SRS></PAMDataset>")
    (tmp_path / "p.tif.ovr").write_text(VRT.format(relative=1, elsewhere="p.tif"))
    with open_dataset(path) as dataset:
        assert dataset.crs.to_epsg() == 4326
        assert dataset.bounds.left == -180
        assert dataset.overviews(1) == []
    assert add_layer(path, POPULATION, COARSE).rows == rasters.SHAPE[0]
