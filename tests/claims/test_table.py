"""The table of a claim: expected, observed and the likelihood ratio of each clue; whose knowledge each is."""

import json

import numpy as np
import pytest

from engine.claims.check import check_claim, claim_facts
from engine.claims.clues import Agreement, Source
from engine.claims.headline import NOTHING
from engine.claims.sun_check import sun_at
from engine.claims.table import baseline_map, claim_table, log10_ratio
from engine.evidence.statements.areas import Circle
from engine.evidence.statements.coast import CoastWithin
from engine.evidence.statements.countries import CountryFact, CountryIs
from engine.evidence.statements.elevation import Elevation
from engine.evidence.statements.evidence import CERTAIN, Evidence
from engine.evidence.statements.layers import LabelIs
from engine.evidence.statements.searches import Searched
from engine.evidence.statements.sights import Seen
from engine.evidence.statements.sun import SunSeen
from engine.evidence.sun.observation import SunObservation
from engine.locate.locator import Locator
from engine.locate.settings import Settings
from engine.predictors.base import Prediction
from engine.testing import FixedPredictor, grey_photo, make_record

PLACE = (34.5, -57.5)


@pytest.fixture(scope="module")
def located(world, evidence_world):
    record = make_record("sure")
    prediction = Prediction(record, "population", np.array([0.7, 0.1, 0.1, 0.1]))
    locator = Locator(world, [FixedPredictor(record, (prediction,))], evidence_world)

    def locate(*evidence):
        return locator.locate(grey_photo(), Settings(evidence=evidence))

    return locate


def country_at(world, point):
    table = world.overlay.table("countries")
    return table.labels[int(table.cell_label[int(world.overlay.cell_at(*point))])]


def place_on_land(world):
    """A point whose cell has a country, a climate and a height."""
    overlay = world.overlay
    tables = [overlay.table(name) for name in ("countries", "climate", "elevation", "relief", "population")]
    cells = np.flatnonzero(np.all([table.cell_label >= 0 for table in tables], axis=0))
    row, column = np.argwhere(np.asarray(overlay.pixel_cell) == cells[len(cells) // 2])[0]
    return float(overlay.grid.latitudes[row]), float(overlay.grid.longitudes[column])


def test_the_ratio_is_a_plain_mean_over_elsewhere(located):
    answer = located()
    cell = int(answer.world.overlay.cell_at(*PLACE))
    before = baseline_map(answer)
    values = np.random.default_rng(0).normal(size=answer.world.overlay.cells)
    others = np.arange(values.size) != cell
    mean = np.average(np.exp(values[others]), weights=before.probability[others])
    assert log10_ratio(values, before, cell) == pytest.approx(np.log10(np.exp(values[cell]) / mean))


def test_the_analysts_own_country_is_never_support_from_the_photo(located, evidence_world):
    point = place_on_land(evidence_world)
    code = country_at(evidence_world, point)
    table = claim_table(located(Evidence("e1", CountryIs((code,)), CERTAIN)), *point)
    (clue,) = table.of(Source.ANALYST)
    assert clue.agreement is Agreement.CONSISTENT
    assert clue.log10_ratio > 0
    plain = claim_table(located(), *point)
    assert table.headline == plain.headline
    assert table.log10_of(Source.IMAGE) == pytest.approx(plain.log10_of(Source.IMAGE), abs=0.05)
    assert "not evidence from the photo" in table.analyst
    assert "support" not in table.analyst


def test_a_wrong_country_contradicts_in_the_analysts_column_only(located, evidence_world):
    point = place_on_land(evidence_world)
    other = "CL" if country_at(evidence_world, point) != "CL" else "DE"
    table = claim_table(located(Evidence("e1", CountryIs((other,)), CERTAIN)), *point)
    (clue,) = table.of(Source.ANALYST)
    assert clue.agreement is Agreement.INCONSISTENT
    assert clue.log10_ratio < -20
    assert table.analyst.startswith("Your statements contradict it: country: ")
    assert not table.headline.startswith("Contradicted")


def test_a_sun_far_off_is_a_flat_contradiction(located, evidence_world):
    point = place_on_land(evidence_world)
    when = {"year": 2023, "month": 6, "day": 21, "minute_of_day": 720.0, "clock": "utc"}
    there = sun_at(SunObservation(**when, elevation_degrees=10.0), *point, None).elevation[0]
    wrong = there - 27.0 if there > 30.0 else max(there, 0.0) + 27.0
    height = claim_table(located(Evidence("e1", SunSeen(SunObservation(**when, elevation_degrees=wrong)))), *point)
    (sun,) = [clue for clue in height.of(Source.IMAGE) if clue.name == "Sun"]
    assert height.headline.startswith("Contradicted: sun ")
    assert "standard errors apart" in height.headline
    assert "doubt" not in height.headline
    assert sun.strength_text.endswith("standard errors apart")


def test_every_kind_of_statement_has_a_row(located, evidence_world):
    point = place_on_land(evidence_world)
    area = Circle(point[0], point[1], 300.0, name="camp")
    statements = (
        CountryFact("drives", "left"), CountryFact("language", "de"), LabelIs("climate", ("Cfb",)),
        LabelIs("relief", ("flat",), negated=True), Seen("snow", 1), CoastWithin(25.0), Elevation(lowest_m=1000.0),
        area, Searched(area, 0.7), SunSeen(SunObservation(light="day", minute_of_day=720.0)),
    )  # fmt: skip
    evidence = [Evidence(f"e{number}", each) for number, each in enumerate(statements)]
    check = check_claim(located(*evidence), *point)
    table = check.table
    names = {clue.name for clue in table.clues}
    assert names >= {
        "Side of the road", "Language", "Climate", "Terrain", "Snow", "Distance to water", "Elevation", "Circle",
        "Searched area", "Sun", "Photos taken there", "sure: population density",
    }  # fmt: skip
    for clue in table.clues:
        assert clue.expected
        assert clue.source is Source.BASELINE or clue.observed
        assert not clue.sentence().endswith(".")
    assert [clue.source for clue in table.clues] == sorted((c.source for c in table.clues), key=list(Source).index)
    circle = next(clue for clue in table.clues if clue.name == "Circle")
    assert circle.expected.endswith("from camp")
    assert circle.agreement is Agreement.CONSISTENT
    facts = json.loads(json.dumps(claim_facts(check), allow_nan=False))
    assert [row["sentence"] for row in facts["table"]["clues"]] == [clue.sentence() for clue in table.clues]


def test_text_read_from_the_photo_is_image_evidence(located, evidence_world):
    point = place_on_land(evidence_world)
    table = claim_table(located(Evidence("sign-1", CountryIs((country_at(evidence_world, point),)))), *point)
    (clue,) = [each for each in table.of(Source.IMAGE) if each.name == "Country"]
    assert clue.observed.endswith("read in the photo")
    assert table.of(Source.ANALYST) == ()


def test_without_evidence_it_says_that_nothing_speaks(world):
    table = claim_table(Locator(world, []).locate(grey_photo()), *PLACE)
    assert table.headline == NOTHING
    assert [clue.source for clue in table.clues] == [Source.BASELINE]
    assert table.analyst == ""
