import numpy as np
import pytest

from engine.errors import InputError
from engine.partitions.photo_locations import default_photo_places
from engine.training.labels import AT_SEA, OVER_URBAN, chosen_layers
from engine.training.preparation import SplitOptions, label_photos, listed_photos
from engine.training.splits import TEST, TRAIN, VALIDATION


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """A thousand places of real photos, without photos."""
    places = default_photo_places()
    pick = np.random.default_rng(0).permutation(len(places))[:1000]
    rows = [f"p{n},{places.latitude[n]},{places.longitude[n]}" for n in pick]
    path = tmp_path_factory.mktemp("places") / "m.csv"
    path.write_text("\n".join(["id,lat,lon", *rows]))
    return path


def test_real_places_are_labelled_balanced_and_shared_out(manifest, tmp_path):
    layers = chosen_layers(folder=tmp_path)
    ready = label_photos(listed_photos(manifest), layers, SplitOptions(seed=4))
    urban = layers[1].labels.index("urban")
    assert 0.1 < (ready.labels[:, 1] == urban).mean() <= 0.125
    assert ready.excluded[OVER_URBAN] > 200
    assert len(ready.photos.rows) + sum(ready.excluded.values()) - (ready.split.side < 0).sum() == 1000
    sides = [ready.positions(side).size for side in (TRAIN, VALIDATION, TEST)]
    assert sides[0] > 5 * sides[1] > 0 and sides[2] > 0
    assert ready.told()["photos"]["train"] == sides[0]


def test_every_photo_is_kept_when_the_share_is_whole(manifest, tmp_path):
    ready = label_photos(listed_photos(manifest), chosen_layers(folder=tmp_path), SplitOptions(urban_share=1.0))
    assert OVER_URBAN not in ready.excluded


def test_photos_at_sea_are_counted_where_only_population_is_learned(manifest, tmp_path):
    text = manifest.read_text() + "\nsea1,0,-30\nsea2,-40,-100"
    (tmp_path / "m.csv").write_text(text)
    ready = label_photos(listed_photos(tmp_path / "m.csv"), chosen_layers(("population",), tmp_path), SplitOptions())
    assert ready.excluded[AT_SEA] >= 2


def test_one_place_only_is_refused_in_a_sentence(tmp_path):
    rows = [f"p{n},48.8566,2.3522" for n in range(30)]
    (tmp_path / "m.csv").write_text("\n".join(["id,lat,lon", *rows]))
    with pytest.raises(InputError, match="Every photo lies in urban land cover"):
        label_photos(listed_photos(tmp_path / "m.csv"), chosen_layers(folder=tmp_path), SplitOptions())
    with pytest.raises(InputError, match="one class of population only"):
        label_photos(listed_photos(tmp_path / "m.csv"), chosen_layers(folder=tmp_path), SplitOptions(urban_share=1.0))
