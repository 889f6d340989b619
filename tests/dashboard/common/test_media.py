"""Media URLs where there is no browser: plain Python, and Streamlit's own test runner."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.common.media import asset_url, media_url


def page() -> None:
    import streamlit as st

    from dashboard.common.media import media_url

    number = st.slider("number", 0, 100, 1)
    st.text(media_url(bytes([number]), "image/png", "region"))
    st.text(media_url(b"base", "image/webp", "base"))


def test_without_a_server_there_is_still_a_url() -> None:
    assert media_url(b"x", "image/png", "region") == "/media/region"


def test_same_bytes_have_the_same_url_and_other_bytes_another() -> None:
    app = AppTest.from_function(page).run()
    region, base = (text.value for text in app.text)
    app.slider[0].set_value(2).run()
    region_after, base_after = (text.value for text in app.text)
    assert base == base_after
    assert region != region_after
    assert region.endswith(".png")
    assert base.endswith(".webp")


def test_asset_is_found_by_path_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "lines.png").write_bytes(b"png")
    assert asset_url(tmp_path / "lines.png") == "/media/asset.lines.png"
    with pytest.raises(FileNotFoundError):
        asset_url("no-such-file.png")
