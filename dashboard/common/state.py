"""The session: the only file that names its keys. Values are frozen; changing one means putting a new one in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from dashboard.maps.map_values import MAX_PLACES
from dashboard.maps.views import View
from engine.evidence.statements.declared_labels import RECORD as DECLARED_RECORD
from engine.evidence.statements.evidence import Evidence
from engine.inference.outcomes import Outcome
from engine.inference.pooling import Pooling
from engine.locate.settings import Settings
from engine.locate.stages import StageMap
from engine.photos.photo import Photo
from engine.predictors.base import Record

if TYPE_CHECKING:
    from dashboard.tile_search.worker import Held

PHOTOS, REFUSED, CHOSEN, PLACE, VIEW, UPLOADER = "photos", "refused", "chosen_photo", "chosen_place", "view", "uploader"
BUDGET, BUDGET_SLIDER, MASS, MODE = "budget_km2", "budget_slider", "mass_percent", "region_mode"
TOP_K, SEPARATION, LAYER = "top_k", "separation_km", "layer"
PRIOR_WEIGHT, POOLING, REVEAL_GPS, RESULTS = "prior_weight", "pooling", "reveal_gps", "results"
MEDIA, WHY, JOB, STAGES, FAILURE = "recent_media", "why", "job", "stage_maps", "failure"
PLAN, PLAN_TURN, PLAN_PROBLEM, PLAN_OFFERS = "search_plan", "plan_turn", "plan_problem", "plan_offers"
PLAN_NOTES, OWN_DISTANCES, DRAWING = "plan_notes", "plan_own_distances", "plan_drawing"
SHOWN_PLACES, LOOKED_AT, MAP_TOLD, MAP_CLICK = "shown_places", "looked_at", "map_told", "map_click"
FOLLOWED, SENT_VIEW, USER_MOVED = "followed_answer", "sent_view", "user_moved"

KEPT_CHOICES = frozenset(
    {
        *(BUDGET, BUDGET_SLIDER, MASS, MODE, TOP_K, SEPARATION, LAYER, PRIOR_WEIGHT, POOLING),
        *("together", "dependence", "claim", "case_title", "case_notes", JOB),
    }
)
KEPT_PREFIXES = ("on_", "weight_", "sure_", "evaluate_", "search_")

FLY_ZOOM = 5.0
DEFAULT_TOP_K = 5
KEPT_MEDIA = 512
"""Files that are noted as shown: some draws of a map with all its layers and tiles."""

MediaFile = tuple[bytes, str, str]
"""Bytes, MIME type and coordinates."""


@dataclass(frozen=True, eq=False)
class PhotoEntry:
    """A photo of this session as it is kept: small, with what the predictors said of it.

    Attributes:
        photo: the photo with the pixels of its thumbnail only.
        thumbnail: JPEG bytes, re-encoded, without any metadata.
        outcomes: what each predictor said.
    """

    photo: Photo
    thumbnail: bytes
    outcomes: tuple[Outcome, ...]


def keep_choices() -> None:
    """Keep sliders, switches and choices through a visit of another page: Streamlit forgets what was not drawn."""
    for key in st.session_state:
        if key in KEPT_CHOICES or str(key).startswith(KEPT_PREFIXES):
            st.session_state[key] = st.session_state[key]


def start_with(key: str, value: object) -> str:
    """The key of a widget, with its value for the first time that it is drawn.

    In place of the widget's own default: Streamlit complains of a default beside a value that was kept.
    """
    st.session_state.setdefault(key, value)
    return key


def photos() -> dict[str, PhotoEntry]:
    """Photos of this session by upload id, in the order in which they came."""
    return cast(dict[str, PhotoEntry], st.session_state.setdefault(PHOTOS, {}))


def refused() -> dict[str, str]:
    """Sentences for uploads that could not be used, by upload id."""
    return cast(dict[str, str], st.session_state.setdefault(REFUSED, {}))


def chosen_photo() -> PhotoEntry | None:
    """The photo that is looked at: the chosen one while it is there, else the newest."""
    known = photos()
    if not known:
        return None
    return known.get(str(st.session_state.get(CHOSEN)), next(reversed(known.values())))


def view() -> View:
    """Where the camera was last sent."""
    return cast(View, st.session_state.setdefault(VIEW, View()))


def fly_to(latitude: float, longitude: float, zoom: float = FLY_ZOOM) -> None:
    """Send the camera where the user wants it; it no longer follows the answer."""
    st.session_state[VIEW] = View(latitude, longitude, zoom, view().turn + 1)
    st.session_state[USER_MOVED] = True


def chosen_place() -> int | None:
    """Rank of the place that was chosen, if any."""
    return cast(int | None, st.session_state.get(PLACE))


def choose_place(rank: int | None) -> None:
    """Remember a chosen place."""
    st.session_state[PLACE] = rank


def top_k() -> int:
    """How many places are ranked."""
    return min(int(st.session_state.get(TOP_K, DEFAULT_TOP_K)), MAX_PLACES)


def settings(usual: Mapping[str, float]) -> Settings:
    """The analyst's choices: weights of the predictors that are on, 0 for those that are off, and the evidence.

    Args:
        usual: per predictor the weight that it has where nobody chose one.
    """
    return Settings(
        weights={name: _weight(name, weight) for name, weight in usual.items()},
        prior_weight=float(st.session_state.get(PRIOR_WEIGHT, 1.0)),
        pooling=Pooling(st.session_state.get(POOLING, Pooling.CORRECTED)),
        declared=declared(),
        floors=st.session_state.get(FLOORS, {}),
        evidence=evidence(),
    )


def usual_weights(records: Iterable[Record]) -> dict[str, float]:
    """The weights that predictors have where nobody chose one; what was declared in words counts as one of them."""
    return {record.name: record.weight for record in (*records, DECLARED_RECORD)}


def _weight(name: str, usual: float) -> float:
    return float(st.session_state.get(weight_key(name), usual)) if st.session_state.get(on_key(name), True) else 0.0


def on_key(name: str) -> str:
    """Key of a predictor's switch."""
    return f"on_{name}"


def weight_key(name: str) -> str:
    """Key of a predictor's weight."""
    return f"weight_{name}"


def remember_media(file: MediaFile, now_s: float) -> None:
    """Note that a media file is shown now; only the latest are noted."""
    noted = _noted_media()
    noted.pop(file[2], None)  # the latest stand last
    noted[file[2]] = (now_s, file)
    while len(noted) > KEPT_MEDIA:
        del noted[next(iter(noted))]


def recent_media(since_s: float) -> list[MediaFile]:
    """The media files shown since then; the others are forgotten."""
    noted = _noted_media()
    for coordinates in [name for name, (shown_s, _) in noted.items() if shown_s < since_s]:
        del noted[coordinates]
    return [file for _, file in noted.values()]


def _noted_media() -> dict[str, tuple[float, MediaFile]]:
    return cast("dict[str, tuple[float, MediaFile]]", st.session_state.setdefault(MEDIA, {}))


def stage_maps() -> tuple[object, tuple[StageMap, ...]] | None:
    """The answer that was looked at last, by its key, and its maps source by source."""
    return cast("tuple[object, tuple[StageMap, ...]] | None", st.session_state.get(STAGES))


def keep_stage_maps(found: tuple[object, tuple[StageMap, ...]]) -> None:
    """Keep the maps of the answer that is looked at, in place of those of the one before."""
    st.session_state[STAGES] = found


# The Models page and what it changes for the Locate page.

MODELS_TOLD, READ_WITH, OFFER_AWAY = "models_told", "read_with", "offer_away"


def models_told() -> dict[str, str]:
    """What stood in the way of the last act on a model, by its name."""
    return cast(dict[str, str], st.session_state.setdefault(MODELS_TOLD, {}))


def read_with() -> dict[str, object]:
    """By upload id, which models a photo was read with: the stamp of ``engine.predictors.selection``."""
    return cast(dict[str, object], st.session_state.setdefault(READ_WITH, {}))


# The Evaluate page and what it changes for the Locate page. Keys that begin with "evaluate_" outlive a visit elsewhere.

EVALUATE_SOURCE, EVALUATE_FOLDER, EVALUATE_RECENT = "evaluate_source", "evaluate_folder", "evaluate_recent"
EVALUATE_MANIFEST, EVALUATE_OUT, EVALUATE_PHOTOS = "evaluate_manifest", "evaluate_out", "evaluate_photos_folder"
EVALUATE_ASK, EVALUATE_BALANCE, EVALUATE_FIT = "evaluate_ask", "evaluate_balance", "evaluate_fit"
EVALUATE_KEEP, EVALUATE_SECTION, EVALUATE_CURVES = "evaluate_keep", "evaluate_section", "evaluate_curves"
EVALUATE_GROUPING, EVALUATE_GROUPED, EVALUATE_COVERED = "evaluate_grouping", "evaluate_grouped", "evaluate_covered"
EVALUATE_WORST, EVALUATE_PHOTO = "evaluate_worst", "evaluate_photo"
EVALUATE_A, EVALUATE_B = "evaluate_a", "evaluate_b"
USE_FITTED, TIMES_IN_TEN = "evaluate_use_fitted", "evaluate_times_in_ten"

# The Tile search page and what it changes for the Locate page. Keys that begin with "search_" outlive visits elsewhere.

SEARCH_SOURCE, SEARCH_FILE, SEARCH_TEMPLATE = "search_source", "search_file", "search_template"
SEARCH_AGREED, SEARCH_LOCAL, SEARCH_ZOOM = "search_agreed", "search_local", "search_max_zoom"
SEARCH_K, SEARCH_OTHER_K, SEARCH_METHOD, SEARCH_WHERE = "search_k", "search_other_k", "search_method", "search_where"
SEARCH_POINT, SEARCH_TYPED, SEARCH_ENCODERS = "search_point", "search_typed_point", "search_encoders"
SEARCH_LOOK = "search_look"
SEARCH_CAMERA = "tile_search_camera"
HELD_SEARCHES, CHOSEN_TILE, LOCATE_PAGE = "held_searches", "chosen_tile", "locate_page"


def searches() -> "dict[str, Held]":
    """The tile search of each photo, by its sha256."""
    return cast("dict[str, Held]", st.session_state.setdefault(HELD_SEARCHES, {}))


def chosen_tiles() -> dict[str, str]:
    """The tile that is looked at, as z/x/y, by a photo's sha256."""
    return cast(dict[str, str], st.session_state.setdefault(CHOSEN_TILE, {}))


def forget_results(sha256: str) -> None:
    """Drop what is remembered of a photo's maps: what is said of it has changed."""
    kept: dict[tuple[Any, ...], object] = st.session_state.get(RESULTS, {})
    for key in [key for key in kept if _holds(key, sha256)]:
        del kept[key]


def _holds(key: object, sha256: str) -> bool:
    """Whether a photo is part of what was asked."""
    return key == sha256 or (isinstance(key, tuple) and any(_holds(part, sha256) for part in key))


# The case: what is stated, how several photos count, what was asked last, and the steps that can be undone.

EVIDENCE, HISTORY, CASE_TITLE, CASE_NOTES = "case_evidence", "case_history", "case_title", "case_notes"
DECLARED, FLOORS, MISSING, CASE_TOLD = "case_declared", "case_floors", "case_missing", "case_told"
TOGETHER, DEPENDENCE, ASKED, CLAIM, OPENED_LINK = "together", "dependence", "case_asked", "claim", "opened_link"
SECOND_CLAIM = "second_claim"
OPENED, MADE_WITH, CASE_MENU, EXACT_DEPENDENCE = "case_opened", "case_made_with", "case_menu", "case_exact_dependence"


def evidence() -> tuple[Evidence, ...]:
    """What the analyst has stated, in the order in which it was stated."""
    return cast(tuple[Evidence, ...], st.session_state.get(EVIDENCE, ()))


def put_evidence(new: tuple[Evidence, ...]) -> None:
    """State something else."""
    st.session_state[EVIDENCE] = new


def evidence_photo() -> str:
    """What a new statement is about: the photo that is looked at; everything where photos show one place."""
    looked_at = chosen_photo()
    together = len(photos()) > 1 and bool(st.session_state.get(TOGETHER))
    return "" if looked_at is None or together else looked_at.photo.sha256


def declared() -> Mapping[str, Mapping[str, float]]:
    """Probabilities of labels per layer, as a case may state them."""
    return cast(Mapping[str, Mapping[str, float]], st.session_state.get(DECLARED, {}))


def forget_declared(partition: str) -> None:
    """State nothing of the labels of a layer any more."""
    st.session_state[DECLARED] = {name: said for name, said in declared().items() if name != partition}


def new_evidence_id() -> str:
    """An id that no statement of the case has, nor had since it was opened: a widget may still remember it."""
    number = int(st.session_state.get(EVIDENCE_NUMBER, 0))
    taken = {each.id for each in evidence()}
    while (name := f"e{(number := number + 1)}") in taken:
        pass
    st.session_state[EVIDENCE_NUMBER] = number
    return name


EVIDENCE_NUMBER, EVIDENCE_TURN = "case_evidence_number", "case_evidence_turn"
