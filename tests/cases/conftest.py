"""The strategies of ``synthetic_cases`` for all tests of cases, and one case with something in every part."""

import importlib.util
import sys
from pathlib import Path

import pytest


def _module(name):
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


MADE_UP = _module("synthetic_cases")


@pytest.fixture(scope="session")
def full_case():
    """A case with something in every part."""
    from engine.cases.case import Case
    from engine.cases.parts import CaseClaim, CasePhoto, CaseRegion, CaseSettings, Provenance
    from engine.evidence.statements.areas import Circle, DrawnArea
    from engine.evidence.statements.countries import CountryFact
    from engine.evidence.statements.evidence import Evidence
    from engine.evidence.statements.searches import Searched
    from engine.search_planning.distances import Distances
    from engine.search_planning.plan import LastKnownPoint, SearchPlan, Segment

    ring = ((45.0, 6.0), (45.0, 7.0), (46.0, 7.0), (46.0, 6.0), (45.0, 6.0))
    return Case(
        photos=(CasePhoto("ab" * 32, "plage.jpg", 4000, 3000), CasePhoto("cd" * 32, "rue.jpg", 3000, 4000)),
        evidence=(
            Evidence("e1", CountryFact("drives", "left")),
            Evidence("e2", Circle(43.7, 7.27, 50.0, name="Nice"), 0.65),
            Evidence("e3", Searched(DrawnArea(((ring,),), name="valley"), 0.7), 1.0, on=False),
        ),
        settings=CaseSettings(
            weights={"scene_cues": 0.5, "geoclip": 1.0}, floors={"geoclip": 0.1},
            declared={"population": {"high": 0.7}}, dependence=0.5,
        ),
        region=CaseRegion(mass=0.9),
        claim=CaseClaim(43.7, 7.25),
        title="Where was the ferry?",
        notes="Seen in the evening news.\nThe plate is blurred.",
        plan=SearchPlan(
            LastKnownPoint(45.5, 6.5, 0.1),
            Distances("Hiker", "", ((0.5, 3.0), (0.95, 18.0)), "own table"),
            segments=(Segment("AA", ((ring,),), (0.7, 0.0, 0.5)),),
        ),
        made=Provenance(
            "0.1.0", "0" * 16, {"population": "1" * 16}, ("scene_cues", "geoclip"), {"together": "ef" * 32}
        ),
    )  # fmt: skip
