"""What a further statement costs: from the statement to the repainted region, CPU milliseconds on the default grid.

Ten statements are on; each kind in turn is the one that is added or changed, and is new every time. Counted is all that
the server does until the picture can be drawn: the likelihood, pooling, ranking, the best rank in each tile, the region
that holds 90 % and its mask. Run: ``python tests/benchmarks/evidence.py``.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

from engine.evidence.shapes.polygons import polygon_from_points
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
from engine.inference.world import World
from engine.locate.locator import Locator
from engine.locate.result import evidence_effects
from engine.locate.settings import Settings
from engine.predictors.registry import default_partitions
from engine.testing import grey_photo

TIMES = 15
BUDGET_MS = 50.0


def valley(n: int) -> DrawnArea:
    """An irregular polygon of some 900 km around Bolivia that differs with every number."""
    points = [(-25.0 + 0.01 * n, -72.0), (-12.0, -70.0), (-14.0, -60.0), (-19.0, -63.0), (-26.0, -62.0 - 0.01 * n)]
    return DrawnArea((polygon_from_points(points),), name="valley")


KINDS: dict[str, Callable[[int], object]] = {
    "country": lambda n: CountryIs(("CL", "AR", "PE", "BO", "EC")[: 1 + n % 5], n % 2 == 0),
    "drives": lambda n: CountryFact("drives", ("left", "right")[n % 2]),
    "language": lambda n: CountryFact("language", ("es", "en", "fr", "pt", "ar", "de", "ru")[n % 7]),
    "climate": lambda n: LabelIs("climate", ("BWk", "Cfb", "ET", "Aw", "Dfc")[: 1 + n % 5]),
    "relief": lambda n: LabelIs("relief", (("mountains",), ("hills",), ("flat",))[n % 3]),
    "population": lambda n: LabelIs("population", (("lowest", "low"), ("medium",))[n % 2]),
    "snow": lambda n: Seen("snow", 1 + n % 12),
    "palms": lambda n: Seen("palm_trees", 1 + n % 12),
    "coast": lambda n: CoastWithin(10.0 + 3 * n),
    "elevation": lambda n: Elevation(1500.0 + 30 * n),
    "polygon": valley,
    "circle, 300 km": lambda n: Circle(-33.4 + 0.01 * n, -70.6, 300.0),
    "circle, 5,000 km": lambda n: Circle(-10.0 + 0.01 * n, -60.0, 5000.0),
    "searched": lambda n: Searched(Circle(-33.0 + 0.01 * n, -70.0, 80.0), 0.7),
    "sun, one time": lambda n: SunSeen(
        SunObservation(2023, 6, 21, 14 * 60.0 + n, clock="utc", elevation_degrees=33.0, elevation_error_degrees=2.0)
    ),
    "sun, local time": lambda n: SunSeen(
        SunObservation(2023, 6, 21, 12 * 60.0 + n, elevation_degrees=33.0, elevation_error_degrees=2.0)
    ),
    "sun, month only": lambda n: SunSeen(
        SunObservation(month=1 + n % 12, minute_of_day=60.0 * (8 + n % 9), elevation_degrees=20.0)
    ),
    "sun, no date": lambda n: SunSeen(SunObservation(minute_of_day=840.0 + n, elevation_degrees=20.0)),
    "sun, no time": lambda n: SunSeen(SunObservation(2023, 1 + n % 12, 5, elevation_degrees=20.0 + n)),
    "sun, shadow": lambda n: SunSeen(
        SunObservation(
            2023, 1 + n % 12, 9, 600.0 + n, object_height=2.0, shadow_length=3.0, azimuth_degrees=90.0, azimuth_of="sun"
        )
    ),
    "sun, month, azimuth": lambda n: SunSeen(
        SunObservation(month=1 + n % 12, minute_of_day=600.0 + n, azimuth_degrees=120.0)
    ),
    "sun, sharp azimuth": lambda n: SunSeen(
        SunObservation(2023, 5, 1 + n, 600.0 + n, azimuth_degrees=120.0, azimuth_error_degrees=4.0)
    ),
    "sun, month, sharp a.": lambda n: SunSeen(
        SunObservation(month=1 + n % 12, minute_of_day=600.0 + n, azimuth_degrees=120.0, azimuth_error_degrees=4.0)
    ),
}

TEN = (
    CountryIs(("CL", "AR", "PE", "BO")),
    CountryFact("drives", "right"),
    LabelIs("climate", ("BWk", "BSk", "ET")),
    LabelIs("relief", ("mountains", "hills")),
    Seen("snow", 7),
    CoastWithin(400.0),
    Elevation(1000.0, 5000.0),
    Circle(-30.0, -70.0, 1500.0),
    Searched(Circle(-33.4, -70.6, 60.0), 0.7),
)


def repaint(locator: Locator, evidence: tuple[Evidence, ...]) -> object:
    """From statements to all that a picture of the region needs."""
    answer = locator.answer(grey_photo(), (), Settings(evidence=evidence))
    region = answer.search_map.region(mass=0.9)
    return answer, region.tile_mask, region.area_km2


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call, all threads."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def main() -> None:
    """Print a line per kind of statement."""
    locator = Locator(World.load(extra=default_partitions()), [])
    start = time.perf_counter()
    scales = locator.evidence_weigher()
    print(f"evidence world: {scales.world.overlay.cells:,} cells, ready in {time.perf_counter() - start:.1f} s")
    others = tuple(Evidence(f"other-{n}", statement, 0.9) for n, statement in enumerate(TEN))
    worst = 0.0
    for name, made in KINDS.items():
        repaint(locator, others)
        took = []
        for n in range(TIMES):
            added = (*others, Evidence("added", made(n), 0.6 + 0.01 * n))
            took.append(cpu_ms(partial(repaint, locator, added)))
        worst = max(worst, statistics.median(took[1:]))
        first = took[0]
        median, best = statistics.median(took[1:]), min(took[1:])
        print(f"{name:20} median {median:6.1f} ms  best {best:6.1f}  worst {max(took[1:]):6.1f}  first {first:6.1f}")
    answer = repaint(locator, others)[0]
    print(f"effects of {len(others)}: {cpu_ms(lambda: evidence_effects(answer)):.1f} ms")
    print(f"notes and contradiction: {cpu_ms(lambda: answer.notes):.1f} ms")
    print(f"worst median {worst:.1f} ms of {BUDGET_MS:.0f}")


if __name__ == "__main__":
    main()
