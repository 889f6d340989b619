"""A page with the map alone, on the real Earth; what is on it stands in the address."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[3]))

from dashboard.common import map_component, media, services
from dashboard.maps.map_values import (
    Action,
    Card,
    Drawing,
    Look,
    MapView,
    Marker,
    RankedLayer,
    RegionRequest,
    ShownRegion,
)
from dashboard.maps.static_map import static_map
from dashboard.maps.views import View
from engine.inference.search_map import SearchMap
from engine.inference.world import World
from engine.locate.maps import prior_map
from engine.predictors.registry import default_partitions

QUERY = st.query_params
STYLE = "[data-testid=stMainBlockContainer] { padding: 0 } [data-testid=stHeader] { display: none }"


@st.cache_resource
def world() -> World:
    return World.load(extra=default_partitions())  # the cells of the dashboard


@st.cache_resource
def photo_map(number: int) -> SearchMap:
    """The prior, and maps that differ from it as those of other photos do."""
    return prior_map(world(), 1.0 - 0.04 * number)


def number(name: str, usual: float) -> float:
    return float(QUERY.get(name, usual))


@st.fragment
def show() -> None:
    session = st.session_state
    session["runs"] = session.get("runs", 0) + 1
    request = session.get("request") or RegionRequest(number("km2", 1e6))
    turn = session.get("photo", 0) % int(number("photos", 1))
    main = photo_map(turn)
    region = main.region(budget_km2=request.area_km2, mass=request.probability)
    markers = (
        Marker(51.5, -0.1, "1", "Candidate 1: London", rank=1, chosen=True),
        Marker(40.7, -74.0, "2", "Candidate 2: New York", rank=2),
        Marker(21.3, -157.9, "?", "Claimed place: Honolulu", "claim"),
    )
    clicked = session.get("clicked")
    view = MapView(
        label="Map of the search region",
        title="Test photo",
        layers=(
            RankedLayer("main", "Combined map", lambda: main),
            RankedLayer("even", "Even prior", lambda: photo_map(1)),
        ),
        main="" if QUERY.get("region") == "0" else "main",
        region=ShownRegion(request, 0, region),
        markers=markers if QUERY.get("markers") != "0" else (),
        camera=View(number("lat", 30), number("lng", 0), number("zoom", 1.9), session.get("turn", 0)),
        look=Look.of(
            {key: QUERY[key] for key in ("base", "under", "display", "compare", "comparison") if key in QUERY}
        ),
        card=Card(*clicked, (("Asked of the server", "yes"),)) if clicked else None,
        actions=(Action("claim", "Claim this"),),
        drawing=Drawing() if QUERY.get("drawing") == "1" else None,
        height=int(number("height", 900)),
        fallback=lambda: static_map(region, markers),
    )
    map_component.show(view, "map", changed)
    if "photos" in QUERY:
        st.button("Next photo", on_click=lambda: session.update(photo=session.get("photo", 0) + 1))
    st.text(f"runs {session['runs']}")
    st.text(f"knows {session.get('events')}")
    st.text(f"region {region.whole_cells} {region.area_km2:.6f} {region.probability:.9f}")


def changed(events: map_component.MapEvents) -> None:
    session = st.session_state
    session["events"] = events
    session["request"] = events.region or session.get("request")
    session["clicked"] = events.clicked or session.get("clicked")


media.keep_alive()
st.set_page_config(layout="wide")
st.html(f"<style>{STYLE}</style>")
services.prepare_cells(world().overlay)
show()
