import re

from streamlit.testing.v1 import AppTest

from dashboard.common import frame


def sheet_of(page):
    return next(each.proto.body for each in page.get("html") if "<style>" in each.proto.body)


def test_the_style_sheet_has_no_placeholder_left_and_balanced_braces():
    page = AppTest.from_string("from dashboard.common import frame; frame.apply_style()").run()
    sheet = sheet_of(page)
    assert sheet.count("{") == sheet.count("}")
    assert not re.search(r"\b(BAR|DOCK|PANEL|GAP|EDGE|BACK|ON_PRIMARY)(px)?\b", sheet)
    assert f"calc({frame.BAR_PX}px + {frame.GAP_PX}px)" in sheet


def test_both_themes_name_the_same_colors():
    assert frame.LIGHT.keys() == frame.DARK.keys()
