"""Every hostile string in every kind of element that shows texts of others."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "dashboard")]

from hostile_pages import MARKDOWN, SENT  # noqa: E402 - after the folders above

from dashboard.common import legend  # noqa: E402
from dashboard.common.text import plain  # noqa: E402
from dashboard.evidence import place_search  # noqa: E402
from dashboard.maps.palettes import Legend  # noqa: E402

TEXTS = [f"Q{number} {text} Z" for number, text in enumerate((*SENT, *MARKDOWN))]
KINDS = (st.markdown, st.caption, st.error, st.info, st.success)

for number, text in enumerate(TEXTS):
    with st.container(key=f"shown_{number}"):
        if number % 7 < len(KINDS):
            KINDS[number % 7](plain(text))
        elif number % 7 == 5:
            st.toggle(plain(text), key=f"toggle_{number}", help=plain(text))
        else:
            st.button(plain(text), key=f"button_{number}", help=plain(text))
legend.show(Legend("Q".join(TEXTS), "".join(TEXTS), tuple(((1, 2, 3, 4), text) for text in TEXTS)))
found = [{"key": number, "title": text, "detail": text} for number, text in enumerate(TEXTS)]
place_search._component()(
    key="places", data={"label": "".join(TEXTS), "placeholder": "".join(TEXTS), "found": found}, default={"text": ""},
    on_text_change=lambda: None, on_chosen_change=lambda: None,
)  # fmt: skip
st.toast(plain(TEXTS[0]))
st.text("All are shown")
