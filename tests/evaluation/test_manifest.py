import numpy as np
import pytest

from engine.errors import InputError
from engine.evaluation.manifest import BAD_COORDINATES, MISSING_PHOTO, read_manifest


def written(tmp_path, text, name="manifest.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_by_name_in_any_order(tmp_path):
    manifest = read_manifest(written(tmp_path, "LON,LAT,IMG_ID,AUTHOR,split\n20,10,a,ann,fit\n190,-10,b,bob,\n"))
    assert manifest.ids == ("a", "b")
    assert manifest.latitude.tolist() == [10, -10]
    assert manifest.longitude.tolist() == [20, -170]
    assert manifest.author == ("ann", "bob")
    assert manifest.where("fit").tolist() == [0]
    assert manifest.where("test").tolist() == [1]


def test_without_a_split_every_photo_is_a_test_photo(tmp_path):
    manifest = read_manifest(written(tmp_path, "id,lat,lon\na,1,2\nb,3,4\n"))
    assert manifest.where("test").tolist() == [0, 1]
    assert manifest.where("fit").size == 0


def test_unusable_rows_are_counted_never_dropped_silently(tmp_path):
    (tmp_path / "here.jpg").write_bytes(b"x")
    text = "id,path,lat,lon\na,here.jpg,1,2\nb,here.jpg,NaN,2\nc,here.jpg,91,2\nd,gone.jpg,1,2\ne,,1,2\nf,here.jpg,,\n"
    manifest = read_manifest(written(tmp_path, text), need_photos=True)
    assert manifest.ids == ("a",)
    assert manifest.excluded == {BAD_COORDINATES: 3, MISSING_PHOTO: 2}
    assert any("3 rows were left out" in note for note in manifest.notes)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,lat,lon\na,1,2\na,3,4\n", "uses 1 id\\(s\\) more than once, for instance 'a'"),
        ("id,lat\na,1\n", "no column for the longitude"),
        ("lat,lon\n1,2\n", "no column for the id"),
        ("id,lat,lon\n", "holds no row"),
        ("id,lat,lon\na,NaN,NaN\n", "no usable row: 1 x no coordinates"),
        ("id,lat,lon,split\na,1,2,later\n", "split 'later'"),
        ("id,lat,lon\n,1,2\n", "no id in line 2"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_manifest(written(tmp_path, text))


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\xe0" * 10)
    with pytest.raises(InputError, match="not UTF-8 text"):
        read_manifest(tmp_path / "photo.csv")


def test_a_single_photo_and_one_place_are_told(tmp_path):
    single = read_manifest(written(tmp_path, "id,lat,lon\na,1,2\n"))
    assert any("single photo" in note for note in single.notes)
    same = read_manifest(written(tmp_path, "id,lat,lon\na,1,2\nb,1,2\nc,1.001,2\n"))
    assert any("all photos lie at one place" in note.lower() for note in same.notes)


def test_halves_are_random_but_fixed(tmp_path):
    rows = "".join(f"p{n},{n / 10},1\n" for n in range(100))
    manifest = read_manifest(written(tmp_path, "id,lat,lon\n" + rows)).halved(seed=4)
    assert manifest.where("fit").size == manifest.where("test").size == 50
    assert np.array_equal(manifest.where("fit"), read_manifest(tmp_path / "manifest.csv").halved(seed=4).where("fit"))
