"""Search regions for photos: where on Earth was this photo taken, in km2 and probability.

Conventions (all terms: ``docs/glossary.md``):

- latitude before longitude, degrees, WGS 84; array axes are ``[latitude, longitude]``; row 0 is the northernmost.
- areas in km2 (``area_km2``), distances in km; one sphere of radius 6371.0088 km everywhere.
- ``probability`` is mass (sums to 1); ``density`` is mass per km2; ``log_density`` its natural logarithm.
- a *predictor* turns a photo into a ``Prediction``: one probability per label of one *partition* of the Earth.
- an *overlay* is the common refinement of partitions; pooling predictions on it gives a ``SearchMap``;
  a ``SearchMap`` ranks the Earth and yields a search ``Region`` for an area budget or a probability mass.

The names in ``__all__`` are the public interface; they are imported on first use, so ``import engine`` loads neither
NumPy nor torch::

    from engine import Locator

    answer = Locator.load().locate("photo.jpg")
    region = answer.search_map.region(budget_km2=250_000)
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.cases.case import Case as Case
    from engine.claims.check import check_claim as check_claim
    from engine.claims.values import ClaimCheck as ClaimCheck
    from engine.errors import ArtifactError as ArtifactError
    from engine.errors import ContradictionError as ContradictionError
    from engine.errors import ExportError as ExportError
    from engine.errors import HereaboutsError as HereaboutsError
    from engine.errors import InputError as InputError
    from engine.errors import LayerError as LayerError
    from engine.errors import PhotoError as PhotoError
    from engine.errors import PredictorError as PredictorError
    from engine.errors import SignsError as SignsError
    from engine.evidence.statements.areas import Circle as Circle
    from engine.evidence.statements.areas import DrawnArea as DrawnArea
    from engine.evidence.statements.coast import CoastWithin as CoastWithin
    from engine.evidence.statements.countries import CountryFact as CountryFact
    from engine.evidence.statements.countries import CountryIs as CountryIs
    from engine.evidence.statements.elevation import Elevation as Elevation
    from engine.evidence.statements.evidence import Evidence as Evidence
    from engine.evidence.statements.layers import LabelIs as LabelIs
    from engine.evidence.statements.searches import Searched as Searched
    from engine.evidence.statements.sights import Seen as Seen
    from engine.evidence.statements.sun import SunSeen as SunSeen
    from engine.evidence.sun.observation import SunObservation as SunObservation
    from engine.geometry.grid import Grid as Grid
    from engine.inference.candidates import Candidate as Candidate
    from engine.inference.pooling import Pooling as Pooling
    from engine.inference.region import Region as Region
    from engine.inference.search_map import SearchMap as SearchMap
    from engine.inference.world import World as World
    from engine.locate.locator import Locator as Locator
    from engine.locate.multi_photo import answer_together as answer_together
    from engine.locate.result import Answer as Answer
    from engine.locate.settings import Settings as Settings
    from engine.photos.photo import Photo as Photo
    from engine.photos.photo import open_photo as open_photo
    from engine.predictors.base import CellLikelihood as CellLikelihood
    from engine.predictors.base import Prediction as Prediction
    from engine.predictors.base import Predictor as Predictor
    from engine.predictors.base import Record as Record

_MODULES = {
    "Answer": "engine.locate.result",
    "ArtifactError": "engine.errors",
    "Candidate": "engine.inference.candidates",
    "Case": "engine.cases.case",
    "CellLikelihood": "engine.predictors.base",
    "Circle": "engine.evidence.statements.areas",
    "ClaimCheck": "engine.claims.values",
    "CoastWithin": "engine.evidence.statements.coast",
    "ContradictionError": "engine.errors",
    "CountryFact": "engine.evidence.statements.countries",
    "CountryIs": "engine.evidence.statements.countries",
    "DrawnArea": "engine.evidence.statements.areas",
    "Elevation": "engine.evidence.statements.elevation",
    "Evidence": "engine.evidence.statements.evidence",
    "ExportError": "engine.errors",
    "Grid": "engine.geometry.grid",
    "HereaboutsError": "engine.errors",
    "InputError": "engine.errors",
    "LabelIs": "engine.evidence.statements.layers",
    "LayerError": "engine.errors",
    "Locator": "engine.locate.locator",
    "Photo": "engine.photos.photo",
    "PhotoError": "engine.errors",
    "Pooling": "engine.inference.pooling",
    "Prediction": "engine.predictors.base",
    "Predictor": "engine.predictors.base",
    "PredictorError": "engine.errors",
    "Record": "engine.predictors.base",
    "Region": "engine.inference.region",
    "SearchMap": "engine.inference.search_map",
    "Searched": "engine.evidence.statements.searches",
    "Seen": "engine.evidence.statements.sights",
    "Settings": "engine.locate.settings",
    "SignsError": "engine.errors",
    "SunObservation": "engine.evidence.sun.observation",
    "SunSeen": "engine.evidence.statements.sun",
    "World": "engine.inference.world",
    "answer_together": "engine.locate.multi_photo",
    "check_claim": "engine.claims.check",
    "open_photo": "engine.photos.photo",
}
"""Where each public name is defined."""

__all__ = [
    "Answer",
    "ArtifactError",
    "Candidate",
    "Case",
    "CellLikelihood",
    "Circle",
    "ClaimCheck",
    "CoastWithin",
    "ContradictionError",
    "CountryFact",
    "CountryIs",
    "DrawnArea",
    "Elevation",
    "Evidence",
    "ExportError",
    "Grid",
    "HereaboutsError",
    "InputError",
    "LabelIs",
    "LayerError",
    "Locator",
    "Photo",
    "PhotoError",
    "Pooling",
    "Prediction",
    "Predictor",
    "PredictorError",
    "Record",
    "Region",
    "SearchMap",
    "Searched",
    "Seen",
    "Settings",
    "SignsError",
    "SunObservation",
    "SunSeen",
    "World",
    "__version__",
    "answer_together",
    "check_claim",
    "open_photo",
]

try:
    __version__ = version("hereabouts")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
