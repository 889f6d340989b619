import pytest
from streamlit.testing.v1 import AppTest

PAGE = "from dashboard.locate import go_to; go_to.show()"


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [("48.85, 2.35", 48.85, 2.35), ("Nairobi", -1.28, 36.82), ("  62.00 S 58.40 W ", -62.0, -58.4)],
)
def test_what_is_typed_is_where_the_map_flies(text, latitude, longitude):
    page = AppTest.from_string(PAGE).run()
    page.text_input(key="go_to").set_value(text).run()
    view = page.session_state["view"]
    assert view.latitude == pytest.approx(latitude, abs=0.1)
    assert view.longitude == pytest.approx(longitude, abs=0.1)
    assert view.turn == 1
    assert not page.exception


def test_an_unknown_place_moves_nothing_and_is_reported():
    page = AppTest.from_string(PAGE).run()
    page.text_input(key="go_to").set_value("Qqqzzx").run()
    assert "view" not in page.session_state
    assert "No place called Qqqzzx" in page.toast[0].value
    assert not page.exception
