import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.artifacts.store import Store
from engine.errors import ArtifactError, InputError, PredictorError
from engine.partitions.geocells import grow
from engine.partitions.photo_locations import default_photo_places
from engine.predictors.base import Predictor
from engine.predictors.catalogue import (
    BuildContext,
    geocells_source,
    predictor_option,
    predictor_options,
)
from engine.predictors.prompts.towns import Towns
from engine.testing import SMALL_GRID, grey_photo


@pytest.fixture(scope="module")
def cells():
    places = default_photo_places()
    return grow(places.latitude, places.longitude, 0, 5000, name="geocells_fine")


@pytest.fixture
def fetched(tmp_path):
    """A store in which files of these records seem to lie; nothing may open them before a photo comes."""

    def put(*names):
        store = Store(tmp_path / "models", by_hand=tmp_path)
        for name in names:
            for record in store.catalog.bundle(name):
                for file in record.files if record.package == "" else ():
                    path = tmp_path / record.name / file.path
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(b"not weights")
        return store

    return put


def test_every_offer_is_in_the_catalogue_of_files(cells):
    store = Store()
    names = [each.record.name for each in predictor_options()]
    assert len(set(names)) == len(names)
    assert [each.record.name for each in predictor_options() if each.default_on] == ["geoclip"]
    for each in predictor_options():
        assert store.catalog.bundle(each.artifact)
    assert {each.record.name for each in predictor_options() if each.non_commercial(store)} == {
        "plonk_osv5m",
        "street_prompts",
    }


def test_only_geoclip_is_on_once_it_is_here(cells, fetched):
    assert not any(each.ready(fetched()) for each in predictor_options())
    store = fetched("geoclip", "osv5m_baseline")
    (option,) = [each for each in predictor_options() if each.default_on and each.ready(store)]
    predictor = option.make(BuildContext(store, cells))
    assert predictor.record.name == "geoclip"
    assert isinstance(predictor, Predictor)
    with pytest.raises(PredictorError, match=r"damaged|truncated|tampered"):
        predictor.predict(grey_photo())


def test_streetclip_is_offered_with_the_countries_and_towns_that_ship(cells, fetched):
    store = fetched("streetclip")
    option = predictor_option("street_prompts")
    (source,) = option.partitions(store)
    assert source.name == "street_countries" and source.draw(SMALL_GRID).name == "street_countries"
    made = option.make(BuildContext(store, cells))
    assert len(made.places.towns) > 5000 and "Switzerland" in made.countries.countries
    own = Towns(("Bern",), ("",), ("Switzerland",), np.array([46.9]), np.array([7.4]))
    assert option.make(BuildContext(store, cells, towns=own)).places.towns is own


def test_the_boxes_of_a_checkpoint_become_a_partition(cells, tmp_path):
    folder = tmp_path / "osv5m_baseline"
    folder.mkdir()
    share = torch.tensor([[0.1, 0.1], [-0.5, 0.7]], dtype=torch.float64)
    size = torch.full((2, 2), 0.05, dtype=torch.float64)
    buffers = {"head.cell_center": share, "head.cell_size_up": size, "head.cell_size_down": size.clone()}
    save_file({f"model.{key}": value for key, value in buffers.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text("{}")
    store = Store(tmp_path / "models", by_hand=tmp_path)
    (source,) = predictor_option("osv5m").partitions(store)
    assert source.name == "osv5m_cells"
    assert source.draw(SMALL_GRID).label_at([9.0, -45.0], [18.0, 126.0]).tolist() == [0, 1]
    save_file({"a": size}, folder / "model.safetensors")
    with pytest.raises(ArtifactError, match="carries no boxes"):
        predictor_option("osv5m").partitions(store)


def test_names_that_do_not_exist_are_refused():
    with pytest.raises(InputError, match="choose one of: geoclip"):
        predictor_option("nothing")


def test_geocells_can_be_given_to_a_world(cells):
    source = geocells_source(cells)
    assert source.name == "geocells_fine"
    assert source.draw(SMALL_GRID).labels == cells.tokens
    assert predictor_option("geoclip").partitions(Store()) == ()
