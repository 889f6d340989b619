"""How findable the photo is, before somebody publishes it; and a copy of it without metadata."""

from collections.abc import Callable

import streamlit as st

from dashboard.common import services, state
from dashboard.common.text import plain
from engine.errors import HereaboutsError
from engine.locate.settings import Settings
from engine.privacy.clean_copy import clean_copy, clean_suffix
from engine.privacy.findable import Findability, Grade
from engine.privacy.sentences import headline, sentences

ABOUT = (
    "A privacy check: how large an area someone with these models would have to search, what in the picture narrows "
    "it down, and what the file's metadata reveals."
)
ICONS = {Grade.GIVEN_AWAY: ":material/error:", Grade.CITY: ":material/warning:", Grade.REGION: ":material/warning:"}


def show(entry: state.PhotoEntry, settings: Settings, source: Callable[[], bytes] | None) -> None:
    """Draw the question in a closed expander; nothing is measured before it is asked.

    Args:
        entry: the photo.
        settings: how the predictors are pooled, without the analyst's evidence.
        source: gives the photo's file, or None when it is gone.
    """
    with st.expander("Privacy check: how findable is this photo?"):
        st.caption(ABOUT)
        if source is None:
            st.info("The file of this photo is no longer loaded; drop it again.")
            return
        if st.button("Run the check", icon=":material/shield:", key=f"findable_{entry.photo.sha256[:12]}"):
            _measure(entry, settings, source)
        found = services.known_findability(entry, settings)
        if found is not None:
            _show(found)
        _clean(entry, source)


def _measure(entry: state.PhotoEntry, settings: Settings, source: Callable[[], bytes]) -> None:
    bar = st.progress(0.0, "Masking parts of the photo in turn")
    try:
        services.findability(entry, settings, source(), lambda what, share: _update_bar(bar.progress, what, share))
    except HereaboutsError as error:
        st.error(plain(str(error)))
    bar.empty()


def _update_bar(draw: Callable[[float, str], object], what: str, share: float) -> None:
    draw(min(max(share, 0.0), 1.0), what)


def _show(found: Findability) -> None:
    told = sentences(found)
    draw = st.success if found.grade in (Grade.COUNTRY, Grade.WIDE) else st.warning
    draw(plain(headline(found)), icon=ICONS.get(found.grade))
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in told[1:]))
    leaks = found.metadata.leaks
    st.markdown("**Metadata in the file**" if leaks else "No revealing metadata found in the file.")
    if leaks:
        lines = dict.fromkeys(f"- *{plain(str(leak.gives))}*: {plain(leak.sentence)}" for leak in leaks)
        st.markdown("\n".join(lines))


def _clean(entry: state.PhotoEntry, source: Callable[[], bytes]) -> None:
    """A download of the copy; made when it is asked for, outside of the page."""
    data = source()
    st.download_button(
        "Copy without metadata", lambda: clean_copy(data, entry.photo.name),
        file_name=f"clean-{entry.photo.sha256[:8]}{clean_suffix(data)}", on_click="ignore",
        icon=":material/cleaning_services:",
        help="Pixels only, upright and re-encoded: no position, time, camera, preview or comment.",
    )  # fmt: skip
