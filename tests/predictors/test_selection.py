import json
from dataclasses import replace

import pytest

from engine.artifacts.store import Store
from engine.errors import ArtifactError, InputError, PredictorError
from engine.partitions.photo_locations import default_geocells
from engine.predictors import selection
from engine.predictors.plugins import BrokenPlugin
from engine.predictors.selection import Choices, chosen, read_choices, stamp, write_choices
from engine.testing import grey_photo

USUAL = ("blocks", "geocells_fine", "population", "land_cover")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.delenv("HEREABOUTS_MODELS", raising=False)
    return Store(tmp_path / "models")


def supply(store, *names):
    """Empty-handed stand-ins for the files of some records: present, not right."""
    for name in names:
        for file in store.catalog.record(name).files:
            path = store.root / name / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"stand-in")


def names(store):
    return [each.record.name for each in chosen(store)]


def test_a_first_run_has_no_choices_and_writes_nothing(store):
    assert read_choices(store) == Choices()
    assert names(store) == []
    assert stamp(store) == ()
    assert not store.root.exists()


def test_geoclip_is_asked_as_soon_as_it_is_here_and_the_others_when_wanted(store):
    supply(store, "clip_vit_l14_openai")
    assert names(store) == ["geoclip"]
    selection.ask(store, "attribute_prompts", on=True)
    assert names(store) == ["geoclip", "attribute_prompts"]
    selection.ask(store, "geoclip", on=False)
    assert names(store) == ["attribute_prompts"]


def test_a_licence_against_commercial_use_has_to_be_agreed_to(store):
    supply(store, "plonk_osv5m", "streetclip")
    selection.ask(store, "plonk_osv5m", on=True)
    assert names(store) == []
    selection.agree(store, "plonk_osv5m")
    assert names(store) == ["plonk_osv5m"]
    assert set(read_choices(store).agreed) == {"plonk_osv5m", "streetclip"}


def test_agreeing_twice_or_to_nothing_writes_nothing_new(store):
    selection.agree(store, "geoclip")
    assert not store.root.exists()
    selection.agree(store, "streetclip")
    before = read_choices(store)
    selection.agree(store, "streetclip")
    assert read_choices(store) == before


def test_street_prompts_answer_without_a_list_of_towns_and_follow_one(store):
    supply(store, "streetclip")
    selection.agree(store, "streetclip")
    selection.ask(store, "street_prompts", on=True)
    assert names(store) == ["street_prompts"]
    assert [source.name for source in selection.selected_partitions(store)] == ["street_countries"]
    before = stamp(store)
    (store.root / selection.TOWNS).write_text("town,region,country,latitude,longitude\nBern,,Switzerland,46.9,7.4\n")
    assert stamp(store) != before
    with_countries = (*USUAL, "street_countries")
    (made,) = selection.selected_predictors(store, default_geocells("fine"), with_countries)
    assert made.places.towns.town == ("Bern",)


def test_geoclip_follows_the_chosen_geocells_and_the_others_do_not(store):
    supply(store, "clip_vit_l14_openai")
    selection.ask(store, "attribute_prompts", on=True)
    assert selection.selected_partitions(store) == ()
    before = stamp(store)
    selection.use_geocells(store, "finest")
    assert read_choices(store).geocells == "finest" and stamp(store) != before
    (source,) = selection.selected_partitions(store)
    assert source.name == "geocells_finest"
    geoclip, attributes = selection.selected_predictors(store, default_geocells("fine"), (*USUAL, source.name))
    assert geoclip.cells.name == "geocells_finest" and attributes.record.name == "attribute_prompts"
    assert selection.selected_cells(store) is geoclip.cells
    (without, _) = selection.selected_predictors(store, default_geocells("fine"), USUAL)
    with pytest.raises(PredictorError, match="start Hereabouts again"):
        without.predict(grey_photo())
    selection.use_geocells(store, "fine")
    assert stamp(store) == before
    with pytest.raises(InputError, match="choose fine or finest"):
        selection.use_geocells(store, "coarse")


@pytest.mark.parametrize("text", ["", "[]", "null", '{"asked": 3}', '{"asked": {}, "agreed": 1, "quiet": false}', "\0"])
def test_a_damaged_file_counts_as_a_first_run(store, text):
    store.root.mkdir(parents=True)
    (store.root / selection.FILE).write_text(text)
    assert read_choices(store) == Choices()


def test_choices_come_back_as_they_were_written(store):
    choices = Choices({"geoclip": False, "osv5m": True}, ("streetclip",), quiet=True)
    write_choices(store, choices)
    assert read_choices(store) == choices
    assert json.loads((store.root / selection.FILE).read_text())["quiet"] is True
    selection.dismiss_offer(store)
    assert read_choices(store) == replace(choices, quiet=True)
    assert [path.name for path in store.root.iterdir()] == [selection.FILE]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArtifactError, match="cannot be written"):
        write_choices(Store(tmp_path / "file" / "models"), Choices())


def test_the_stamp_differs_when_a_model_comes_is_replaced_or_goes(store):
    seen = {stamp(store)}
    supply(store, "clip_vit_l14_openai")
    seen.add(stamp(store))
    (store.root / "clip_vit_l14_openai" / "open_clip_model.safetensors").write_bytes(b"another stand-in")
    seen.add(stamp(store))
    selection.ask(store, "geoclip", on=False)
    assert stamp(store) in seen  # as without it
    assert len(seen) == 3


def test_predictors_are_made_without_opening_a_file_and_say_what_is_wrong_when_asked(store):
    supply(store, "clip_vit_l14_openai")
    (geoclip,) = selection.selected_predictors(store, default_geocells("fine"), USUAL)
    assert geoclip.record.name == "geoclip"
    with pytest.raises(PredictorError, match="open_clip_model"):
        geoclip.predict(grey_photo())


def test_a_predictor_whose_checkpoint_is_damaged_stands_there_with_the_reason(store):
    supply(store, "osv5m_baseline")
    selection.ask(store, "osv5m", on=True)
    assert selection.selected_partitions(store) == ()
    (broken,) = selection.selected_predictors(store, default_geocells("fine"), USUAL)
    assert isinstance(broken, BrokenPlugin)
    assert broken.record.name == "osv5m"
    with pytest.raises(PredictorError):
        broken.predict(grey_photo())


def test_towns_that_cannot_be_read_are_told_by_the_predictor(store):
    supply(store, "streetclip")
    selection.agree(store, "streetclip")
    selection.ask(store, "street_prompts", on=True)
    (store.root / selection.TOWNS).write_text("place\nBern\n")
    (broken,) = selection.selected_predictors(store, default_geocells("fine"), (*USUAL, "street_countries"))
    with pytest.raises(PredictorError, match="columns town"):
        broken.predict(grey_photo())
