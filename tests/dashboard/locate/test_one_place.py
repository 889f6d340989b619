"""Several photos of one place on the Locate page: what is pooled is told, and each photo's own map can be looked at."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.common import services, state
from dashboard.common.text import plain
from dashboard.locate.one_place import own_maps
from dashboard.maps.pictures import beside
from engine.export.contents import contents_of
from engine.export.json_result import joint_facts
from engine.export.report import report_html
from engine.inference.outcomes import Outcome
from engine.locate.locator import Locator
from engine.locate.multi_photo import answer_together
from engine.predictors.base import Prediction
from engine.testing import FixedPredictor, grey_photo, make_record

HERE, THERE = (10.5, 20.5), (-40.5, -100.5)
PAGE = "from dashboard.locate import screen as locate\nlocate.show()"


def small_photo(value, size=(64, 48)):
    sink = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(sink, "JPEG")
    return sink.getvalue()


def entry(world, number, point):
    """A photo that a predictor is nearly certain of."""
    record, table = make_record("a"), world.overlay.table("geocells_fine")
    probability = np.full(len(table.labels), 0.1 / len(table.labels))
    probability[int(table.cell_label[int(world.overlay.cell_at(*point))])] += 0.9
    said = Prediction(record, table.name, probability / probability.sum())
    return state.PhotoEntry(grey_photo(f"{number}.png", number), small_photo(number), (Outcome(record, (said,)),))


@pytest.fixture
def opened(world, monkeypatch):
    """The page with photos of some places, taken together."""
    locator = Locator(world, [FixedPredictor(make_record("a"), ())])
    monkeypatch.setattr(services, "locator", lambda: locator)

    def made(*points):
        page = AppTest.from_string(PAGE, default_timeout=60)
        photos = {f"k{n}": entry(world, n, point) for n, point in enumerate(points, start=1)}
        page.session_state[state.PHOTOS] = photos
        page.session_state[state.CHOSEN] = "k1"
        page.session_state[state.TOGETHER] = True
        page.run()
        assert not page.exception
        return page

    return made


@pytest.fixture
def joint_of(world):
    def made(*points):
        entries = [entry(world, n, point) for n, point in enumerate(points, start=1)]
        return answer_together(Locator(world, []), [(each.photo, each.outcomes) for each in entries])

    return made


def area(one):
    return f"{one.area_km2:,.0f} km²"


def test_what_is_pooled_is_told(opened, joint_of):
    page, joint = opened(HERE, HERE, HERE), joint_of(HERE, HERE, HERE)
    told = f"**Combined map of 3 photos:** 90 % of the probability in {area(joint)}"
    assert told in [each.value for each in page.markdown]
    captions = [each.value for each in page.caption]
    assert "Effective sample: 1.5 independent photos; each has a weight of 50 %." in captions
    for number, share in enumerate(joint.shares, start=1):
        assert plain(f"{number}: {share.words}. This photo only: {area(share)}") in captions


def test_photos_that_contradict_each_other_are_named(opened, joint_of):
    page = opened(HERE, HERE, HERE, THERE)
    (warned,) = page.warning
    assert warned.value == plain(joint_of(HERE, HERE, HERE, THERE).warning[0])
    assert warned.value.startswith("4")
    (warned,) = opened(HERE, THERE).warning
    assert warned.value.startswith("These photos do not seem to show one place")


def test_each_photos_own_map_is_a_layer_and_the_switch_leads_back(opened, joint_of):
    page, joint = opened(HERE, THERE), joint_of(HERE, THERE)
    own = [f"photo-{share.photo.sha256}" for share in joint.shares]
    layer = page.selectbox(key=state.LAYER)
    assert layer.options[:4] == [
        "Combined map of all photos",
        "Photo 1: 1.png",
        "Photo 2: 2.png",
        "Photo-popularity baseline (prior)",
    ]
    page.button(key=f"own_map_{joint.shares[1].photo.sha256}").click().run()
    assert page.session_state[state.LAYER] == own[1]
    page.button(key="own_map_all").click().run()
    assert page.session_state[state.LAYER] == services.ENSEMBLE
    page.button(key=f"own_map_{joint.shares[0].photo.sha256}").click().run()
    page.toggle(key=state.TOGETHER).set_value(False).run()
    assert not page.exception
    assert page.selectbox(key=state.LAYER).value == services.ENSEMBLE  # there is no such layer any more
    assert [each.label for each in page.button if str(each.key).startswith("choose_")] == ["1", "2"]


def test_a_layer_is_the_map_that_it_says(joint_of):
    joint = joint_of(HERE, THERE)
    _, (title, answer) = own_maps(joint).values()
    assert title == "Photo 2: 2.png"
    assert answer is joint.shares[1].answer
    assert own_maps(None) == {}


def test_other_photos_are_another_question(joint_of):
    """Both answers go by the photo with the lowest hash and have the same settings."""
    one, other = joint_of(HERE, HERE), joint_of(HERE, THERE)
    assert services.answer_key(one.answer) != services.answer_key(other.answer)
    assert services.answer_key(one.answer) == services.answer_key(one.answer)


def test_photos_for_the_report_stand_beside_each_other():
    photos = [small_photo(value) for value in (0, 90, 180, 250)]
    assert beside(photos[:1]) == photos[0]
    with Image.open(io.BytesIO(beside(photos))) as sheet:
        assert sheet.size == (720, 480)
        for number, value in enumerate((0, 90, 180, 250)):
            pixel = sheet.getpixel((number % 3 * 240 + 20, number // 3 * 240 + 20))
            assert np.abs(np.array(pixel) - value).max() < 6


def test_the_report_of_all_photos_says_so(joint_of):
    joint = joint_of(HERE, HERE)
    region = joint.search_map.region(mass=0.9)
    contents = contents_of(joint.answer, region, joint_facts(joint, region, ()))
    page = report_html(replace(contents, thumbnail_jpeg=small_photo(9)))
    assert "Where were these 2 photos taken?" in page
    assert "The photos, small and without their metadata." in page
    assert all(share.photo.name in page for share in joint.shares)
