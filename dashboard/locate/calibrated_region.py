"""What calibration brings to a region: the smallest one that holds the place 9 times in 10, and the hit rate of any.

Records are looked for once per answer, outside the fragment of the map: a slider tick only reads from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard.common import state
from dashboard.common.text import plain
from engine.evaluation.calibration import Advice, Calibration, most_probable_bucket, needed_photos
from engine.evaluation.records import records_folder
from engine.evaluation.stored_fits import find_stored_calibration
from engine.evidence.statements.declared_labels import RECORD as DECLARED
from engine.inference.region import Region
from engine.locate.result import Answer
from engine.locate.settings import Settings
from engine.predictors.base import Record

TIMES = (5.0, 6.0, 7.0, 8.0, 9.0, 9.5, 9.9)
USUAL = 9.0
LEAST_MASS = 1e-6
MOST_CACHED = 16
MEASURE = (
    "Coverage has not been measured for these settings. To measure how often such regions contain the true location, "
    "evaluate photos with known locations on the Evaluate page or with `hereabouts evaluate MANIFEST.csv --keep`."
)


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A calibration and the group of photos that an answer belongs to.

    Attributes:
        calibration: made for maps pooled as this answer is.
        group: the population bucket that the map leans to; None where no calibration photo does.
    """

    calibration: Calibration
    group: str | None

    def advice(self, times_in_ten: float) -> Advice:
        """The mass to ask of the map."""
        return self.calibration.mass_for(times_in_ten / 10, self.group)

    def region(self, answer: Answer, times_in_ten: float) -> Region:
        """The smallest region that holds the place so often."""
        mass = min(max(self.advice(times_in_ten).mass, LEAST_MASS), 1.0)
        return answer.search_map.region(mass=mass)

    @property
    def photos(self) -> int:
        """How many calibration photos the hit rate is read from."""
        found = self.calibration
        return found.groups[self.group][1] if self.group is not None else found.photos


def find(answer: Answer) -> Calibrated | None:
    """The calibration that was kept for an answer's settings, if any."""
    if any(each.on for each in answer.settings.evidence):
        return None  # nobody measured how often a region holds the place when an analyst had a say
    records = [outcome.record for outcome in answer.outcomes if outcome.record.name != DECLARED.name]
    found = _stored_calibration(
        records, answer.settings, "x".join(str(size) for size in answer.world.overlay.grid.shape)
    )
    if found is None or found.photos < needed_photos(TIMES[0] / 10):
        return None
    group = most_probable_bucket(answer.search_map)
    return Calibrated(found, group if group in found.groups else None)


def _stored_calibration(records: Sequence[Record], settings: Settings, grid: str) -> Calibration | None:
    """Read once for equal settings as long as the records stay the same; there is nothing to read without records."""
    folder = records_folder()
    stamp = _stamp(folder)
    key = (repr((records, settings, grid)), stamp)
    if stamp and key not in _CALIBRATIONS:
        if len(_CALIBRATIONS) >= MOST_CACHED:
            _CALIBRATIONS.clear()
        _CALIBRATIONS[key] = find_stored_calibration(records, settings, grid, folder)
    return _CALIBRATIONS.get(key)


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells one set of calibrations from another."""
    try:
        files = [(path, path.stat()) for path in sorted(folder.glob("calibration-*.json"))]
    except OSError:
        return ()
    return tuple((str(path), found.st_mtime_ns, found.st_size) for path, found in files)


_CALIBRATIONS: dict[tuple[str, tuple[tuple[str, int, int], ...]], Calibration | None] = {}


def show(answer: Answer, found: Calibrated) -> Region:
    """Draw how sure it has to be; the smallest region that holds the place so often."""
    times = st.select_slider(
        "Smallest region that contains the true location", TIMES, format_func=times_text,
        key=state.start_with(state.TIMES_IN_TEN, USUAL),
    )  # fmt: skip
    note = found.advice(times).note
    if note:
        st.caption(plain(note))
    return found.region(answer, times)


def times_text(times_in_ten: float) -> str:
    """A chance as people say it."""
    return f"{times_in_ten:g} times in 10" if times_in_ten != 9.9 else "99 times in 100"


def hit_rate(found: Calibrated | None, region: Region) -> None:
    """Draw how often regions like this one held the true place, or how that can be measured."""
    if found is None:
        st.caption(MEASURE)
        return
    rate, (low, high) = found.calibration.hit_rate(region.probability, found.group)
    st.caption(
        f":material/target: Expected coverage **{100 * rate:.0f} %** ({100 * low:.0f} to {100 * high:.0f} %): how "
        f"often regions of this mass contained the true location of {found.photos:,} similar photos."
    )
