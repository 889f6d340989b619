"""Bars of the sources below the headline."""

from streamlit.testing.v1 import AppTest

from dashboard.locate import stage_rows
from engine.locate.stages import Source, Stage

BASELINE = Stage(Source.BASELINE, 0.4, 1_500_000.0, False)
SILENT = Stage(Source.PHOTO, 0.41, 1_490_000.0, True)
PHOTO = Stage(Source.PHOTO, 0.7, 100_000.0, False)
WIDER = Stage(Source.ANALYST, 0.6, 200_000.0, False)


def drawn(*found: Stage) -> str:
    def body(found: object) -> None:
        from dashboard.locate import stage_rows

        stage_rows.show(found)

    app = AppTest.from_function(body, kwargs={"found": found}).run()
    assert not app.exception
    return "".join(each.proto.body for each in app.get("html"))


def test_each_source_has_its_share_and_what_it_saved():
    html = drawn(BASELINE, PHOTO, WIDER)
    for text in (
        "Baseline",
        "40.0 %",
        "1,500,000 km²",
        "70.0 %",
        "15 times smaller",
        "+ Your evidence",
        "spread wider: 200,000 km²",
    ):
        assert text in html


def test_a_silent_photo_says_so_and_the_figure_rests_on_the_baseline():
    assert "no usable cue" in drawn(BASELINE, SILENT)
    assert stage_rows.rests_on_baseline((BASELINE, SILENT))
    assert stage_rows.rests_on_baseline((BASELINE,))
    assert not stage_rows.rests_on_baseline((BASELINE, SILENT, WIDER))
    assert not stage_rows.rests_on_baseline((PHOTO,)), "the product of experts has no baseline"


def test_one_source_alone_needs_no_bars():
    assert "hb-stages" not in drawn(PHOTO)
