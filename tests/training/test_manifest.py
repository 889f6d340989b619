import numpy as np
import pytest
from PIL import Image

from engine.errors import InputError
from engine.training.manifest import (
    MISSING_PHOTO,
    NO_COORDINATES,
    REPEATED_ID,
    SWAPPED,
    read_rows,
    resolve_coordinates,
)

BAD = "no coordinates on the globe"


def write(folder, text, photos=()):
    for name in photos:
        Image.new("RGB", (20, 20)).save(folder / name)
    (folder / "m.csv").write_text(text, encoding="utf-8")
    return folder / "m.csv"


def test_every_row_that_cannot_be_used_is_counted_under_its_reason(tmp_path):
    good = "".join(f"g{n}.png,{n},{n}\n" for n in range(40))
    bad = "gone.png,1,1\na.png,99,200\na2.png,100,20\ng0.png,5,5\na3.png,x,5\na4.png,,\n"
    names = [f"g{n}.png" for n in range(40)] + ["a.png", "a2.png", "a3.png", "a4.png"]
    rows = read_rows(write(tmp_path, "path,lat,lon\n" + good + bad, names))
    assert rows.excluded == {MISSING_PHOTO: 1, BAD: 2, SWAPPED: 1, REPEATED_ID: 1}
    assert len(rows) == 41  # a4 may still have a place in its EXIF
    placed = resolve_coordinates(rows, {})
    assert len(placed) == 40
    assert placed.excluded[NO_COORDINATES] == 1


def test_coordinates_come_from_the_exif_where_the_manifest_has_none(tmp_path):
    rows = read_rows(write(tmp_path, "path,lat,lon\na.png,,\nb.png,1,2\n", ["a.png", "b.png"]))
    placed = resolve_coordinates(rows, {"a.png": (40.0, 190.0)})
    np.testing.assert_allclose(placed.latitude, [40, 1])
    np.testing.assert_allclose(placed.longitude, [-170, 2])


def test_a_folder_is_a_manifest_of_its_photos(tmp_path):
    (tmp_path / "in").mkdir()
    write(tmp_path, "", ["b.png", "in/a.png"])
    rows = read_rows(tmp_path)
    assert rows.ids == ("b.png", "in/a.png")
    with pytest.raises(InputError, match="no coordinates"):
        resolve_coordinates(rows, {})


def test_swapped_columns_are_named(tmp_path):
    table = "path,lat,lon\n" + "".join(f"g{n}.png,{100 + n},{n}\n" for n in range(10))
    with pytest.raises(InputError, match=r"10 of 10 rows .* look swapped; exchange"):
        read_rows(write(tmp_path, table), need_photos=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,lat,lon\n", "holds no row"),
        ("place,north\nx,1\n", "no column for the id"),
        ("id,name\nx,1\n", "neither paths nor coordinates"),
        ("path,lat,lon\ngone.png,1,2\n", "1 x photo file is missing"),
        ("path,lat,lon,split\na.png,1,2,dev\n", "split 'dev'"),
    ],
)
def test_manifests_that_make_no_sense_are_refused_in_a_sentence(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_rows(write(tmp_path, text, ["a.png"]))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no JPEG"):
        read_rows(tmp_path)
