"""The frame of every page: top bar, dock on the left, panel on the right, and the map that fills the window.

Streamlit lays a page out as one column. Here the map is fixed behind it, and the column itself is the panel on the
right: so every component stays an ordinary Streamlit element in the order of the page. The style sheet acts only where
the page has a map (``stage``), all other pages keep the layout of Streamlit.
"""

from contextlib import AbstractContextManager

import streamlit as st

BAR_PX, DOCK_PX, PANEL_PX, GAP_PX = 48, 300, 348, 10

LIGHT = {"panel": "rgb(255 255 255 / 94%)", "edge": "rgb(15 35 60 / 14%)", "on_primary": "#ffffff", "back": "#dfe7ee"}
DARK = {"panel": "rgb(14 17 23 / 92%)", "edge": "rgb(255 255 255 / 13%)", "on_primary": "#0b1a2b", "back": "#05080d"}
"""Panels let a little of the map through, in the theme of the page. Streamlit writes white on the primary colour, which
is bright in the dark theme: 1.9:1. The dark ink there is 9:1."""

BAR = """
header[data-testid="stHeader"] { height: BARpx; min-height: BARpx; background: transparent; pointer-events: none; }
header[data-testid="stHeader"] * { pointer-events: none; }
header[data-testid="stHeader"] :is(a, button, [role="button"], a *, button *) { pointer-events: auto; }
[data-testid="stDecoration"], [data-testid="stToolbarActions"] { display: none; }
.st-key-topbar {
  position: fixed; inset: 0 0 auto 0; z-index: 999980; height: BARpx; padding: 0 GAPpx 0 clamp(8px, 32vw, 480px);
  background: PANEL; border-bottom: 1px solid EDGE; justify-content: flex-end; flex-wrap: nowrap;
}
.st-key-topbar > * { flex-shrink: 0; }
.st-key-topbar [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; }
.st-key-topbar [data-testid="stWidgetLabel"] { display: none; }
.st-key-undo_redo [data-has-shortcut] > :not(:first-child),
.st-key-undo_redo [data-has-shortcut] > :not(:first-child) * {
  font-size: 0 !important; width: 0; min-width: 0; padding: 0; margin: 0; border: 0;
}
.st-key-undo_redo [data-has-shortcut] { gap: 0; }
.st-key-undo_redo button { width: 40px; padding: 0; justify-content: center; }
.st-key-topbar button { min-height: 34px; }
[data-testid="stMainBlockContainer"] { padding: calc(BARpx + 1.5rem) clamp(1.5rem, 4vw, 5rem) 3rem; }
[data-testid="stBaseButton-primary"], [data-testid="stMultiSelectTagsContainer"] span { color: ON_PRIMARY; }
"""

MAP = """
.stApp:has(.st-key-stage) { isolation: isolate; overflow: hidden; }
.stApp:has(.st-key-stage) :is([data-testid="stAppViewContainer"], [data-testid="stAppViewContainer"] > div),
.stApp:has(.st-key-stage) [data-testid="stMain"], .stApp:has(.st-key-stage) [data-testid="stMainBlockContainer"] {
  pointer-events: none; background: transparent;
}
.stApp:has(.st-key-stage) [data-testid="stSidebar"] { pointer-events: auto; }
.st-key-stage {
  position: fixed; inset: 0; z-index: -1; pointer-events: auto; gap: 0;
  --hb-top: calc(BARpx + GAPpx); --hb-height: 100dvh; --hb-back: BACK; --hb-radius: 0;
}
.st-key-stage > * { width: 100% !important; }
.stApp .st-key-stage [data-stale="true"] { opacity: 1; transition: none; } /* the map goes on while the page is drawn */
.stApp:has(.st-key-stage) [data-testid="stMainBlockContainer"] {
  max-width: none; width: calc(PANELpx + 2 * GAPpx); margin: 0 0 0 auto; padding: calc(BARpx + GAPpx) GAPpx GAPpx;
}
.stApp:has(.st-key-stage) [data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {
  pointer-events: auto; padding: 14px 16px; border-radius: 12px; background: PANEL; border: 1px solid EDGE;
  gap: 0.75rem; box-shadow: 0 6px 24px rgb(0 0 0 / 22%);
}
.stApp:has(.st-key-stage) .st-key-stage { --hb-right: calc(PANELpx + 2 * GAPpx); }
.stApp:has(.st-key-stage):has([data-testid="stSidebar"][data-collapsed="false"]) .st-key-stage {
  --hb-left: calc(DOCKpx + 2 * GAPpx);
}
.stApp:has(.st-key-stage) [data-testid="stSidebar"][data-collapsed="false"] {
  position: fixed !important; top: calc(BARpx + GAPpx); left: GAPpx; width: DOCKpx !important; min-width: DOCKpx;
  height: auto !important; max-height: calc(100dvh - BARpx - 3 * GAPpx); border-radius: 12px; background: PANEL;
  border: 1px solid EDGE; box-shadow: 0 6px 24px rgb(0 0 0 / 22%); overflow: auto;
}
.stApp:has(.st-key-stage) [data-testid="stSidebar"] > :last-child:not([data-testid]) { display: none; }
.stApp:has(.st-key-stage) [data-testid="stSidebarContent"] { background: transparent; height: auto; padding: 0; }
.stApp:has(.st-key-stage) [data-testid="stSidebarUserContent"] { padding: 0 14px 14px; }
[data-testid="stSidebarHeader"] { height: 2.25rem; margin-bottom: 0; padding: 0 6px 0 14px; }
[data-testid="stSidebar"] [data-testid="stFileUploaderDropzone"] { padding: 10px; min-height: 0; }
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
.st-key-export { position: fixed; top: 4px; right: GAPpx; width: auto !important; z-index: 999985; }
.stApp:has(.st-key-export) .st-key-topbar { padding-right: 118px; }
.st-key-headline h3 { padding: 0 0 6px; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
"""

NARROW = """
@media (max-width: 1199px) { .st-key-topbar { padding-left: clamp(8px, 44vw, 520px); } .st-key-goto { display: none; } }
@media (max-width: 767px) {
  .st-key-topbar { padding-left: 56px; }
  .st-key-job { display: none; }
  .stApp:has(.st-key-stage) [data-testid="stMainBlockContainer"] { width: 100%; padding: 62dvh 0 0; }
  .stApp:has(.st-key-stage) [data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {
    border-radius: 16px 16px 0 0; min-height: 38dvh;
  }
  .stApp:has(.st-key-stage) .st-key-stage { --hb-right: GAPpx; --hb-left: GAPpx; --hb-bottom: 38dvh; }
}
"""


def apply_style() -> None:
    """Write the style sheet of the frame, in the colours of the reader's theme."""
    colors = DARK if st.context.theme.type == "dark" else LIGHT
    sheet = BAR + MAP + NARROW
    lengths = {"BAR": BAR_PX, "DOCK": DOCK_PX, "PANEL": PANEL_PX, "GAP": GAP_PX}
    for name, pixels in lengths.items():
        sheet = sheet.replace(f"{name}px", f"{pixels}px")
    for name, color in colors.items():
        sheet = sheet.replace(name.upper(), color)
    st.html(f"<style>{sheet}</style>")


def top_bar() -> AbstractContextManager[object]:
    """The bar over the whole window; the pages' names stand in its left part."""
    return st.container(key="topbar", horizontal=True, vertical_alignment="center", gap="small")


def stage() -> AbstractContextManager[object]:
    """Behind everything: whatever is drawn here fills the window."""
    return st.container(key="stage", gap=None)


def map_height() -> str:
    """The height of a map on the stage, as the map component takes it."""
    return "fill"
