"""A figure on the paper of the reader's theme, and its download on white paper."""

from collections.abc import Callable

import streamlit as st

from dashboard.maps.charts import Format, Theme

Picture = Callable[[Theme, Format], bytes]


def show(picture: Picture, name: str, alt: str, *, stretch: bool = True) -> None:
    """Draw a figure as SVG with a button for each format below.

    Args:
        picture: makes it.
        name: of the file, without its ending; also the key of the buttons.
        alt: what somebody who does not see it should know.
        stretch: whether it takes the whole width.
    """
    st.image(picture(theme(), "svg").decode(), width="stretch" if stretch else 560, alt=alt)
    with st.container(horizontal=True):
        for kind in ("svg", "png"):
            _download(picture, name, kind)


def theme() -> Theme:
    """Light or dark; light where the browser has not told."""
    return "dark" if st.context.theme.type == "dark" else "light"


def _download(picture: Picture, name: str, kind: Format) -> None:
    st.download_button(
        f"Figure ({kind.upper()})",
        lambda: picture("light", kind),
        file_name=f"{name}.{kind}",
        mime="image/svg+xml" if kind == "svg" else "image/png",
        on_click="ignore",
        key=f"figure_{name}_{kind}",
        icon=":material/download:",
        type="tertiary",
    )
