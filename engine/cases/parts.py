"""The sections of a case as frozen, validated values; ``engine.cases.case`` combines them.

Paths in errors are relative to the section: ``weights.scene``, not ``settings.weights.scene``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.cases import fields
from engine.cases.fields import FieldError
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.inference.candidates import MAX_CANDIDATES
from engine.inference.pooling import Pooling
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.photos.photo import NAME_LIMIT, Photo, display_name

MOST_PHOTOS = 500
MOST_NAMES = 200
MOST_LABELS = 20_000
HIGHEST_FLOOR = 0.999999
LARGEST_SIDE = 1_000_000
WIDEST_KM = 10_000.0
MAPS = ("globe", "flat")
SHORT_DIGEST = 16
"""Hexadecimal digits that tell one state of the map data from another."""


@dataclass(frozen=True)
class CasePhoto:
    """A photo of a case, identified by its hash and stored without pixels.

    Attributes:
        sha256: of the original file.
        name: of the file, as harmless text; may be empty.
        width, height: pixels, upright; 0 where they are not known.
    """

    sha256: str
    name: str = ""
    width: int = 0
    height: int = 0

    def __post_init__(self) -> None:
        put(self, "sha256", fields.digest(self.sha256, "sha256", 64))
        put(self, "name", fields.text(self.name, "name", NAME_LIMIT))
        put(self, "width", fields.whole(self.width, "width", 0, LARGEST_SIDE))
        put(self, "height", fields.whole(self.height, "height", 0, LARGEST_SIDE))

    @classmethod
    def of(cls, photo: Photo) -> "CasePhoto":
        """The photo as a case stores it."""
        return cls(photo.sha256, display_name(photo.name), photo.width, photo.height)

    @property
    def words(self) -> str:
        """Its name, or what is known in place of one."""
        return self.name or f"the photo {self.sha256[:12]}"


@dataclass(frozen=True)
class CaseSettings:
    """How predictions and evidence are pooled; see ``engine.locate.settings.Settings``.

    Attributes:
        weights: exponent per predictor name, 0 to 10.
        prior_weight: 0 to 2; 1 popular places, 0 every km2 of land alike.
        pooling: the rule.
        floors: per predictor name, the chance in [0, 1) that it is simply wrong.
        declared: per partition, stated probabilities of labels.
        dependence: None to answer each photo by itself. A number in [0, 1] for photos of one place:
            0 counts them as independent, 1 as if they were one.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    prior_weight: float = 1.0
    pooling: Pooling = Pooling.CORRECTED
    floors: Mapping[str, float] = field(default_factory=dict)
    declared: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    dependence: float | None = None

    def __post_init__(self) -> None:
        put(self, "weights", _numbers(self.weights, "weights", 10.0, MOST_NAMES))
        put(self, "prior_weight", fields.number(self.prior_weight, "prior_weight", 0.0, 2.0))
        put(self, "pooling", Pooling(fields.choice(self.pooling, "pooling", [str(rule) for rule in Pooling])))
        put(self, "floors", _numbers(self.floors, "floors", HIGHEST_FLOOR, MOST_NAMES))
        put(self, "declared", _declared(self.declared))
        if self.dependence is not None:
            put(self, "dependence", fields.number(self.dependence, "dependence", 0.0, 1.0))


@dataclass(frozen=True)
class CaseRegion:
    """How large the region may be: one of the two.

    Attributes:
        budget_km2: area in km2, above 0 and at most the whole Earth.
        mass: share of the probability to hold, above 0 and at most 1.
    """

    budget_km2: float | None = None
    mass: float | None = None

    def __post_init__(self) -> None:
        if self.budget_km2 is None and self.mass is None:
            raise FieldError("budget_km2", "is missing and so is mass; give one of the two.")
        if self.budget_km2 is not None and self.mass is not None:
            raise FieldError("budget_km2", "is given beside mass; give one of the two.")
        if self.budget_km2 is not None:
            put(self, "budget_km2", _above_zero(self.budget_km2, "budget_km2", EARTH_AREA_KM2))
        if self.mass is not None:
            put(self, "mass", _above_zero(self.mass, "mass", 1.0))

    def of(self, search_map: SearchMap) -> Region:
        """The region that is asked for."""
        return search_map.region(self.budget_km2, self.mass)


@dataclass(frozen=True)
class CasePlaces:
    """How many places are ranked, and how far apart.

    Attributes:
        top_k: 1 to 100.
        separation_km: above 0, at most 10,000.
    """

    top_k: int = 5
    separation_km: float = 100.0

    def __post_init__(self) -> None:
        put(self, "top_k", fields.whole(self.top_k, "top_k", 1, MAX_CANDIDATES))
        put(self, "separation_km", _above_zero(self.separation_km, "separation_km", WIDEST_KM))


@dataclass(frozen=True)
class CaseClaim:
    """A claimed location, degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        put(self, "latitude", fields.number(self.latitude, "latitude", -90.0, 90.0))
        put(self, "longitude", fields.number(self.longitude, "longitude", -180.0, 180.0))

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude, self.longitude


@dataclass(frozen=True)
class CaseView:
    """The map view of the case.

    Attributes:
        map: ``globe`` or ``flat``.
        latitude, longitude: of the centre of the map, degrees.
        zoom: -5 to 25.
        layer: name of the map layer under the region, empty for the region alone.
        photo: sha256 of the photo that was looked at, or empty.
    """

    map: str = "globe"
    latitude: float = 20.0
    longitude: float = 0.0
    zoom: float = 2.0
    layer: str = "ensemble"
    photo: str = ""

    def __post_init__(self) -> None:
        put(self, "map", fields.choice(self.map, "map", MAPS))
        put(self, "latitude", fields.number(self.latitude, "latitude", -90.0, 90.0))
        put(self, "longitude", fields.number(self.longitude, "longitude", -180.0, 180.0))
        put(self, "zoom", fields.number(self.zoom, "zoom", -5.0, 25.0))
        put(self, "layer", fields.text(self.layer, "layer", fields.NAME_LIMIT))
        if self.photo != "":
            put(self, "photo", fields.digest(self.photo, "photo", 64))


@dataclass(frozen=True)
class Provenance:
    """What the case was made with; ``engine.cases.provenance.differences`` compares it with this machine.

    Attributes:
        version: of Hereabouts; empty where nothing is known.
        world: 16 hexadecimal digits of the map of the Earth, or empty.
        layers: per satellite layer, 16 hexadecimal digits of its data.
        predictors: names of all that ran.
        regions: per photo (its sha256, or ``together``, or ``evidence``) the sha256 of the region.
    """

    version: str = ""
    world: str = ""
    layers: Mapping[str, str] = field(default_factory=dict)
    predictors: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        put(self, "version", fields.text(self.version, "version", fields.NAME_LIMIT))
        if self.world != "":
            put(self, "world", fields.digest(self.world, "world", SHORT_DIGEST))
        put(self, "layers", _digests(self.layers, "layers", SHORT_DIGEST, MOST_NAMES))
        names = fields.listing(self.predictors, "predictors", MOST_NAMES)
        put(self, "predictors", tuple(fields.name(each, f"predictors[{n}]") for n, each in enumerate(names)))
        put(self, "regions", _digests(self.regions, "regions", 64, MOST_PHOTOS + 2))


def put(value: object, attribute: str, checked: object) -> None:
    """Put a checked field into a frozen value that is being made."""
    object.__setattr__(value, attribute, checked)


def _above_zero(value: object, path: str, high: float) -> float:
    found = fields.number(value, path, 0.0, high)
    if found == 0.0:
        raise FieldError(path, f"is 0; give a number above 0 and at most {high:.10g}.")
    return found


def _numbers(value: object, path: str, high: float, most: int) -> dict[str, float]:
    found = fields.table(value, path, most)
    return {
        fields.name(key, fields.entry(path, key)): fields.number(found[key], fields.entry(path, key), 0.0, high)
        for key in sorted(found, key=str)
    }


def _declared(value: object) -> dict[str, dict[str, float]]:
    found = fields.table(value, "declared", MOST_NAMES)
    paths = {key: fields.entry("declared", key) for key in sorted(found, key=str)}
    return {fields.name(key, path): _numbers(found[key], path, 1.0, MOST_LABELS) for key, path in paths.items()}


def _digests(value: object, path: str, digits: int, most: int) -> dict[str, str]:
    found = fields.table(value, path, most)
    return {
        fields.name(key, fields.entry(path, key)): fields.digest(found[key], fields.entry(path, key), digits)
        for key in sorted(found, key=str)
    }
