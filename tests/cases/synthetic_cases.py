"""Cases of every kind, for property tests."""

from hypothesis import strategies as st

from engine.cases.case import Case
from engine.cases.parts import CaseClaim, CasePhoto, CasePlaces, CaseRegion, CaseSettings, CaseView, Provenance
from engine.evidence.statements.areas import Circle, DrawnArea
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import Evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.sights import Seen
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import SunObservation
from engine.inference.pooling import Pooling
from engine.search_planning.distances import Distances
from engine.search_planning.plan import Effort, Ground, LastKnownPoint, SearchPlan, Segment
from engine.search_planning.radial import Spread


def numbers(low, high):
    return st.floats(low, high, allow_nan=False) | st.integers(int(low), int(high))


texts = st.text(max_size=30)
names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
short = st.text("0123456789abcdef", min_size=16, max_size=16)
labels = st.lists(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), min_size=1, max_size=4, unique=True).map(tuple)
latitudes, longitudes = numbers(-90, 90), numbers(-180, 180)


@st.composite
def boxes(draw):
    south, west = draw(st.floats(-80, 60)), draw(st.floats(-170, 150))
    north, east = south + draw(st.floats(0.1, 20)), west + draw(st.floats(0.1, 20))
    ring = ((south, west), (south, east), (north, east), (north, west), (south, west))
    return DrawnArea(((ring,),), draw(st.booleans()), draw(st.sampled_from(["", "valley", "mer de glace"])))


towns = st.sampled_from(["", "Nice", "北京"])
circles = st.builds(Circle, latitudes, longitudes, st.floats(0.01, 20_000), st.booleans(), towns)
suns = st.one_of(
    st.builds(SunObservation, year=st.integers(1900, 2050), month=st.just(6), day=st.just(21),
              minute_of_day=numbers(0, 1439), elevation_degrees=st.floats(1, 80)),
    st.builds(SunObservation, month=st.integers(1, 12), light=st.sampled_from(["day", "dusk", "night"])),
)  # fmt: skip
statements = st.one_of(
    st.builds(CountryIs, st.lists(st.sampled_from(["CL", "PE", "FR", "NZ"]), min_size=1, unique=True).map(tuple)),
    st.builds(CountryFact, st.just("drives"), st.sampled_from(["left", "right"]), st.booleans()),
    st.builds(LabelIs, st.sampled_from(["climate", "relief", "land_cover"]), labels, st.booleans()),
    st.builds(Seen, st.sampled_from(["snow", "palm_trees"]), st.none() | st.integers(1, 12)),
    st.builds(CoastWithin, st.floats(0.1, 3000), st.booleans()),
    st.builds(Elevation, st.floats(-500, 4000), st.none() | st.floats(4001, 9000)),
    boxes(),
    circles,
    st.builds(Searched, boxes() | circles, st.floats(0.01, 1)),
    st.builds(SunSeen, suns),
)
evidence = st.builds(
    Evidence, st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True), statements, st.floats(0.5, 1), st.booleans()
)
photos = st.builds(CasePhoto, hashes, texts, st.integers(0, 9000), st.integers(0, 9000))
weights = st.dictionaries(names, numbers(0, 10), max_size=4)
settings = st.builds(
    CaseSettings,
    weights,
    numbers(0, 2),
    st.sampled_from(list(Pooling)),
    st.dictionaries(names, st.floats(0, 0.99), max_size=3),
    st.dictionaries(names, st.dictionaries(names, numbers(0, 1), max_size=3), max_size=2),
    st.none() | numbers(0, 1),
)
DISTANCES = Distances("Hiker", "own", ((0.25, 1.0), (0.5, 3.1), (0.95, 18.0)), "a table")
segments = st.builds(
    Segment, names.filter(lambda name: name.strip()), boxes().map(lambda area: area.polygons),
    st.lists(st.floats(0, 1), max_size=3).map(tuple),
)  # fmt: skip
plans = st.builds(
    SearchPlan,
    st.none() | st.builds(LastKnownPoint, latitudes, longitudes, numbers(0, 200)),
    st.none() | st.just(DISTANCES),
    st.sampled_from(list(Spread)),
    st.sampled_from(list(Ground)),
    st.lists(segments, max_size=3, unique_by=lambda segment: segment.name).map(tuple),
    st.builds(Effort, st.floats(0.1, 1000), searchers=st.integers(1, 20)),
)
regions = st.one_of(
    st.builds(lambda km2: CaseRegion(budget_km2=km2), st.floats(1e-3, 5.1e8) | st.integers(1, 510_000_000)),
    st.builds(lambda share: CaseRegion(mass=share), st.floats(1e-6, 1)),
)
views = st.builds(
    CaseView, st.sampled_from(["globe", "flat"]), latitudes, longitudes, numbers(-5, 25), texts, st.just("") | hashes
)
made = st.builds(
    Provenance,
    texts,
    st.just("") | short,
    st.dictionaries(names, short, max_size=3),
    st.lists(names, max_size=4).map(tuple),
    st.dictionaries(hashes, hashes, max_size=3),
)
cases = st.builds(
    Case,
    st.lists(photos, max_size=4, unique_by=lambda photo: photo.sha256).map(tuple),
    st.lists(evidence, max_size=5, unique_by=lambda each: each.id).map(tuple),
    settings,
    st.sampled_from(["5400x10800", "180x360", "2m"]),
    regions,
    st.builds(CasePlaces, st.integers(1, 100), st.floats(0.1, 10_000)),
    st.none() | st.builds(CaseClaim, latitudes, longitudes),
    views,
    texts,
    st.text(max_size=80),
    made,
    plan=st.none() | plans,
)
