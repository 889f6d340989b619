"""How findable a photo is: areas that are the map's, a grade that warns, and words that promise nothing."""

import json
import math
from dataclasses import dataclass

import planted
import pytest
from PIL import Image
from test_occlusion import photo_with_sign, sign_reader

from engine.errors import PhotoError
from engine.locate.locator import Locator
from engine.locate.maps import prior_map
from engine.locate.settings import Settings
from engine.photos.exif import ExifFacts
from engine.predictors.base import Record
from engine.privacy.clean_copy import clean_copy
from engine.privacy.findable import MASSES, Grade, findability, findability_facts, grade_of
from engine.privacy.occlusion import PartEffect
from engine.privacy.sentences import LIMITS, NOTHING, headline, part_sentence, predictor_sentence, sentences
from engine.testing import BrokenPredictor, grey_photo, make_record, peaked


def png(photo):
    return planted.encoded(Image.fromarray(photo.pixels), "PNG")


@pytest.fixture(scope="module")
def telling(world):
    return Locator(world, [sign_reader(world)])


def test_the_areas_are_those_of_the_maps(world, telling):
    data = png(photo_with_sign())
    found = findability(telling, data, name="sign.png", parts=None)
    answer = telling.locate(photo_with_sign())
    assert found.area_km2 == tuple(answer.search_map.region(mass=c).area_km2 for c in MASSES)
    assert found.unseen_km2 == tuple(prior_map(world).region(mass=c).area_km2 for c in MASSES)
    assert found.stated_km2 is None
    assert found.parts == ()
    assert found.grade is found.grade_of_pixels is grade_of(found.area_km2[0])
    assert not found.says_nothing


def test_what_gives_it_away_is_named(telling):
    found = findability(telling, png(photo_with_sign()), name="sign.png")
    assert found.parts[0].where == "top right"
    assert found.predictors[0].area_without_km2 == pytest.approx(found.unseen_km2)
    told = sentences(found)
    assert any(s.startswith("Hiding the part at the top right makes the area ") for s in told)
    assert any(s.startswith("sign reader narrows the area ") for s in told)


def test_a_position_in_the_file_gives_it_away(telling):
    data = planted.jpeg()
    found = findability(telling, data, name="holiday.jpg", parts=None)
    assert found.grade is Grade.GIVEN_AWAY
    assert headline(found) == "The file itself says where it was taken, to within about 6.5 m."
    assert found.stated_km2 is not None
    assert found.stated_km2[1] == pytest.approx(math.pi * 6.5**2 * math.log(0.1) / math.log(0.32) / 1e6)
    assert found.stated_km2[0] < found.stated_km2[1] < 0.001


def test_the_clean_copy_is_graded_by_its_picture(telling):
    data = png(photo_with_sign())
    dirty = planted.png(Image.fromarray(photo_with_sign().pixels))
    before, after = (findability(telling, one, parts=None) for one in (dirty, clean_copy(dirty)))
    assert before.grade is Grade.GIVEN_AWAY
    assert after.grade is before.grade_of_pixels is findability(telling, data, parts=None).grade
    assert after.metadata.leaks == ()
    assert after.area_km2 == pytest.approx(before.area_km2)


def test_a_photo_that_says_nothing(world):
    silent = Locator(world, [BrokenPredictor(make_record("broken"))])
    found = findability(silent, planted.encoded(planted.scene(), "PNG"), parts=(2, 2))
    assert found.says_nothing
    assert found.area_km2 == pytest.approx(found.unseen_km2)
    assert headline(found) == NOTHING
    assert "No single part of the picture gives much away to these models." in sentences(found)


def test_settings_are_kept(world):
    locator = Locator(world, [peaked(world, 34.5, -57.5)])
    data = planted.encoded(planted.scene(), "PNG")
    off = findability(locator, data, Settings(weights={"peaked": 0.0}), parts=(2, 2))
    assert off.area_km2 == pytest.approx(off.unseen_km2)
    assert off.predictors == ()
    assert off.answer.settings.weights == {"peaked": 0.0}


@pytest.mark.parametrize("data", [planted.jpeg(), planted.encoded(planted.scene(), "PNG"), planted.tiff()])
def test_words_promise_nothing_and_facts_hold_no_value(telling, data):
    found = findability(telling, data, name="holiday.jpg", parts=(2, 2))
    told = sentences(found)
    assert told[-2:] == LIMITS
    assert len(set(told)) == len(told)
    for sentence in told:
        assert sentence.endswith(".") and "!" not in sentence and "nan" not in sentence
        assert not any(word in sentence.lower() for word in ("safe", "anonymous", "cannot be found", "untraceable"))
    text = json.dumps(findability_facts(found), allow_nan=False)
    assert planted.MARK not in text
    assert "55.69" not in text
    facts = json.loads(text)
    assert set(facts["without_metadata"]) == {"0.5", "0.9"}
    assert len(facts["parts"]) == 4


@pytest.mark.parametrize(
    ("area_km2", "grade"),
    [(1, Grade.CITY), (3_000, Grade.CITY), (50_000, Grade.REGION), (900_000, Grade.COUNTRY), (5e6, Grade.WIDE)],
)
def test_grades(area_km2, grade):
    assert grade_of(area_km2) is grade


def test_words_for_parts_and_predictors(telling):
    part = PartEffect(0.25, 0.25, 0.5, 0.5, (1.0,), 3.14, 0.2)
    assert part_sentence(part) == "Hiding the part in the centre makes the area 3.1 times larger."
    found = findability(telling, png(grey_photo()), parts=None)
    assert predictor_sentence(found.predictors[0]) == "sign reader hardly changes the area."


def test_a_path_and_bytes_say_the_same(telling, tmp_path):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(planted.jpeg())
    from_path, from_bytes = findability(telling, path, parts=None), findability(telling, path.read_bytes(), parts=None)
    assert from_path.photo.name == "holiday.jpg"
    assert from_path.area_km2 == from_bytes.area_km2
    assert from_path.metadata == from_bytes.metadata


def test_progress_runs_from_0_to_the_end(telling):
    told = []
    findability(telling, planted.jpeg(), parts=(2, 2), report=lambda what, share: told.append(share))
    assert told == sorted(told)
    assert told[0] == 0 and 0.7 < told[-1] <= 1


def test_what_is_no_photo_is_refused(telling, tmp_path):
    for source in (b"", b"GIF89a", tmp_path, tmp_path / "missing.jpg"):
        with pytest.raises(PhotoError):
            findability(telling, source, parts=None)


def test_no_predictor_sees_what_the_camera_wrote(world):
    @dataclass(frozen=True, eq=False)
    class Peeking:
        record: Record
        seen: list[ExifFacts]

        def predict(self, photo):
            self.seen.append(photo.exif)
            return ()

    peeking = Peeking(make_record("peeking"), [])
    found = findability(Locator(world, [peeking]), planted.jpeg(), parts=(1, 2))
    assert peeking.seen == [ExifFacts()] * 3
    assert found.photo.exif.gps is not None
