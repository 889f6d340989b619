"""What a deliverable is made of: a region, and everything that is known of the answer as plain, harmless values."""

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from engine.errors import InputError
from engine.evidence.statements.evidence import EVIDENCE_PREFIX
from engine.export.texts import clean
from engine.inference.outcomes import Outcome
from engine.inference.prior import RECORD as PRIOR_RECORD
from engine.inference.region import Region
from engine.layers import builtin
from engine.locate.result import Answer, evidence_effects
from engine.predictors.base import Prediction, Record

INTENDED_USE = (
    "For research, journalism, and search and rescue: a hypothesis to test, never proof of a person's location. "
    "The stated probability is only as good as the calibration of the predictors."
)
PACKAGES = ("hereabouts", "numpy", "rasterio", "shapely", "torch", "timm", "open_clip_torch", "geoclip")
"""Packages whose versions may change an answer."""
MOST_LABELS_SPELLED = 40
"""Partitions with more labels are told by their most probable area only."""


@dataclass(frozen=True, eq=False)
class Contents:
    """What goes into a file.

    Attributes:
        region: the search region.
        facts: plain values as ``engine.export.json_result.answer_facts`` gives them, and ``said``, ``sources``,
            ``versions``,
            ``made_at`` and ``use`` of ``contents_of``; cleaned when the value is made, and ``region`` is that of the
            region. A place may have a ``name``.
        thumbnail_jpeg: a small copy of the photo for the report; None leaves it out.
        map_html: a whole HTML page with a map for the report, its scripts inside it. Empty leaves it out.
        map_hosts: origins that this page may ask for pictures, for instance ``"https://tiles.example"``.
        raster_step: pixels of the grid a side that become one pixel of the GeoTIFF.
        s2_level: level of the S2 cell tokens, as ``s2_tokens.s2_covering`` takes it.

    Raises:
        InputError: ``raster_step`` does not divide the grid.
    """

    region: Region
    facts: Mapping[str, Any]
    thumbnail_jpeg: bytes | None = None
    map_html: str = ""
    map_hosts: tuple[str, ...] = ()
    raster_step: int = 1
    s2_level: int | None = None

    def __post_init__(self) -> None:
        grid = self.region.overlay.grid
        if self.raster_step < 1 or grid.rows % self.raster_step or grid.columns % self.raster_step:
            raise InputError(
                f"A step of {self.raster_step} pixels does not divide a grid of {grid.rows} x {grid.columns}; "
                "give for instance 1, 2 or 3."
            )
        object.__setattr__(self, "facts", clean({**self.facts, "region": region_facts(self.region)}))
        line_ends = self.map_html.replace("\r\n", "\n").replace("\r", "\n")  # as browsers read them
        object.__setattr__(self, "map_html", line_ends)

    @property
    def places(self) -> list[Mapping[str, Any]]:
        """Ranked places: ``rank, lat, lon, probability, area_km2`` and perhaps ``name``."""
        return list(self.facts.get("places", ()))

    @property
    def photo(self) -> Mapping[str, Any]:
        """``name, sha256, width, height`` of the photo, as far as known."""
        known: Mapping[str, Any] = self.facts.get("photo", {})
        return known

    def parameters(self) -> list[tuple[str, str]]:
        """Every fact but the places as name and text, for instance ``("region.area_km2", "99998.2")``."""
        return list(_flat({key: value for key, value in self.facts.items() if key != "places"}))


def contents_of(
    answer: Answer,
    region: Region,
    facts: Mapping[str, Any],
    made_at: datetime | None = None,
) -> Contents:
    """What to write of an answer.

    Args:
        answer: the pooled answer; asked for sources, licences and what each predictor reports.
        region: the region that was asked for.
        facts: of ``engine.export.json_result.answer_facts``, or of ``joint_facts``, which hold ``said`` already.
        made_at: when the file is made; now unless given.
    """
    more = {
        "said": facts.get("said") or predictor_rows(answer),
        "sources": sources(answer),
        "versions": versions(),
        "made_at": (made_at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "use": INTENDED_USE,
    }
    return Contents(region, {**facts, **more})


def versions() -> dict[str, str]:
    """Versions of this program and of what it computes with; reads metadata only, imports nothing."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def sources(answer: Answer) -> list[dict[str, Any]]:
    """Every predictor, layer and picture that the answer rests on: ``title, summary, source, licence, caveat``."""
    asked = [outcome.record for outcome in answer.outcomes if not outcome.record.name.startswith(EVIDENCE_PREFIX)]
    records = [PRIOR_RECORD, *asked]
    layers = [
        {
            "title": layer.title,
            "summary": f"Layer in use: {layer.origin}, {layer.resolution}.",
            "source": "; ".join(builtin.record(layer.name).sources) if layer.built_in else layer.origin,
            "licence": layer.licence,
            "caveat": layer.caveat,
        }
        for layer in answer.world.layers
    ]
    pictures = [_file(builtin.record("blue_marble"), "Base map of the report's globes.")]
    weighed = any(outcome.likelihoods for outcome in answer.outcomes)
    shipped = [entry for entry in builtin.records() if weighed and entry.name.startswith(EVIDENCE_PREFIX)]
    evidence = [_file(entry, entry.description) for entry in shipped]
    return [*map(_source, dict.fromkeys(records)), *layers, *evidence, *pictures]


def _source(record: Record) -> dict[str, Any]:
    caveat = "Approximate: replaces data or a model that is not installed." if record.approximate else ""
    return {
        "title": record.title,
        "summary": record.summary,
        "source": record.source,
        "licence": record.licence,
        "caveat": caveat,
    }


def _file(record: builtin.LayerRecord, summary: str) -> dict[str, Any]:
    """A file that ships with the project."""
    return {
        "title": record.title,
        "summary": summary,
        "source": "; ".join(record.sources),
        "licence": "; ".join(dict.fromkeys(record.licences)),
        "caveat": record.caveat,
    }


def predictor_rows(answer: Answer) -> list[dict[str, Any]]:
    """Rows ``title, weight, status, says, note`` of the prior, each predictor and each statement of evidence.

    The title of a statement is its sentence; what it says is how it changes the area that must be searched.
    """
    prior, weight = PRIOR_RECORD, answer.settings.prior_weight
    changes = {effect.name: f"90 % area: {effect.change_text()}" for effect in evidence_effects(answer)}
    return [
        _row(prior.title, weight, "photo popularity", ""),
        *(row for outcome in answer.outcomes for row in _rows(answer, outcome, changes)),
    ]


def _rows(answer: Answer, outcome: Outcome, changes: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row per prediction or likelihood, or one that says why there is none."""
    weight, title = answer.weight_of(outcome.record), outcome.record.title
    if not outcome.contributes:
        return [{**_row(title, weight, "", outcome.reason), "status": outcome.status}]
    return [
        *(_row(title, weight, _says(answer, each), each.note) for each in outcome.predictions),
        *(_row(title, weight, changes[outcome.record.name], each.note) for each in outcome.likelihoods),
    ]


def _row(title: str, weight: float, says: str, note: str) -> dict[str, Any]:
    return {"title": title, "weight": weight, "status": "used" if weight > 0 else "off", "says": says, "note": note}


def _says(answer: Answer, prediction: Prediction) -> str:
    """The most probable labels of a prediction in a few words."""
    labels = _titles(answer, prediction.partition)
    order = prediction.probability.argsort()[::-1]
    if len(labels) > MOST_LABELS_SPELLED:
        return f"{len(labels):,} cells, the most probable {prediction.probability[order[0]]:.1%}"
    return ", ".join(f"{labels[label]} {prediction.probability[label]:.0%}" for label in order[:3])


def _titles(answer: Answer, partition: str) -> Sequence[str]:
    """Labels of a partition as people read them."""
    layer = next((layer for layer in answer.world.layers if layer.name == partition), None)
    if layer is not None:
        return [entry.title for entry in layer.classes]
    return [label.replace("_", " ") for label in answer.world.overlay.table(partition).labels]


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A tree of plain values as lines; lists of plain values stay one line."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from _flat(inner, f"{name}.{number}")
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def region_facts(region: Region) -> dict[str, Any]:
    """What a region is, as plain values: ``budget_km2, mass, area_km2, probability, parts, sha256``."""
    return {
        "budget_km2": region.budget_km2,
        "mass": region.mass,
        "area_km2": region.area_km2,
        "probability": region.probability,
        "parts": region.components,
        "sha256": region.sha256,
    }
