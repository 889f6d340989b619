"""One page for an editor on a claimed place: what stands on it, before it is HTML or PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.claims.clues import MODEL, Agreement, Source
from engine.claims.sentences import LIMITS, format_point
from engine.claims.strength import NO_SUPPORT
from engine.errors import InputError
from engine.export.contents import Contents
from engine.export.verdict_map import verdict_map_jpeg

METHOD = (
    "Each clue compares what is expected at the claimed location with what was observed.",
    "Its strength is a likelihood ratio: how likely the clue is there, over its mean elsewhere by the baseline.",
    "The verdict rests on image evidence alone: models, text read from the photo, and measurements made in it.",
    "Statements of the analyst and the photo-popularity baseline are listed apart and are not counted in the verdict.",
    "Words (ENFSI guideline, 2015): from 2 weak, 10 moderate, 100 moderately strong, 1,000 strong, 10,000 very strong.",
)
"""How the verdict comes about, in five lines."""

IMAGE = str(Source.IMAGE)
TITLES = {
    "image evidence": "Image evidence: the photo itself",
    "analyst evidence": "Analyst evidence: what was stated, not counted in the verdict",
    "baseline": "Baseline: not from this photo",
}
COLUMNS = ("Clue", "Expected there", "Observed", "Verdict", "Strength", "Confidence")


@dataclass(frozen=True, eq=False)
class VerdictPage:
    """The contents of the page; every text is cleaned by ``Contents``.

    Attributes:
        title: the question that the page answers.
        place: the claimed place in words and degrees.
        headline: the verdict.
        analyst: what the analyst's statements say, or empty.
        notes: further sentences: rank, water, nearest better ground.
        next_steps: what would settle it.
        limits: what this is not.
        clues: rows as ``claim_facts`` gives them.
        map_jpeg: region and claim.
        photo_jpeg: a small copy of the photo, or None.
        sources: licences, as ``Contents`` has them.
        made: version and time.
        digests: of photo and region.
    """

    title: str
    place: str
    headline: str
    analyst: str
    notes: tuple[str, ...]
    next_steps: tuple[str, ...]
    limits: str
    clues: Sequence[Mapping[str, Any]]
    map_jpeg: bytes
    photo_jpeg: bytes | None
    sources: Sequence[Mapping[str, Any]]
    made: str
    digests: str

    def rows(self, source: str) -> list[tuple[str, ...]]:
        """Cells of the rows of a source, as ``COLUMNS`` names them; image clues that cannot tell share one row."""
        chosen = [clue for clue in self.clues if clue["source"] == source]
        folded = [clue for clue in chosen if source == IMAGE and clue["verdict"] == str(Agreement.NEUTRAL)]
        chosen = [clue for clue in chosen if clue not in folded]
        rows: list[tuple[str, ...]] = [
            (
                str(clue["name"]), str(clue["expected"]), str(clue["observed"]),
                str(clue["verdict"]) if source != "baseline" else "", str(clue["strength"]), str(clue["confidence"]),
            )
            for clue in chosen
        ]  # fmt: skip
        if folded:  # an editor reads what tells
            names = ", ".join(str(clue["name"]) for clue in folded)
            count = f"{len(folded)} more clues" if chosen else f"{len(folded)} clues"
            rows.append((count, names, "", str(Agreement.NEUTRAL), NO_SUPPORT, MODEL))
        return rows


def verdict_page(contents: Contents) -> VerdictPage:
    """The page of an answer that was asked about a claimed place.

    Raises:
        InputError: no claimed location is in the contents.
    """
    claim = contents.facts.get("claim")
    if not isinstance(claim, Mapping) or not isinstance(claim.get("table"), Mapping):
        raise InputError("A verdict needs a claimed location; give one, for instance --claim 52.37,4.90.")
    table, name = claim["table"], str(claim["name"])
    where = format_point(claim["lat"], claim["lon"])
    told = {table["headline"], table["analyst"], LIMITS}
    day, _, time = str(contents.facts.get("made_at", "")).partition("T")
    number = contents.facts.get("versions", {}).get("hereabouts", "")
    photo = contents.photo
    what = str(photo.get("name", "")) if photo.get("sha256") else ""
    return VerdictPage(
        title=f"Was {what} taken {name or 'at ' + where}?" if what else f"Does the evidence fit {name or where}?",
        place=f"Claimed location: {where}" + (f", {name}" if name else ""),
        headline=str(table["headline"]),
        analyst=str(table["analyst"]),
        notes=tuple(str(each) for each in claim["verdict"] if each not in told),
        next_steps=tuple(str(each) for each in table["next"]),
        limits=LIMITS,
        clues=list(table["clues"]),
        map_jpeg=verdict_map_jpeg(contents.region, claim["lat"], claim["lon"]),
        photo_jpeg=contents.thumbnail_jpeg,
        sources=list(contents.facts.get("sources", ())),
        made=f"Hereabouts {number}, {day} {time.removesuffix('+00:00')} UTC" if day else f"Hereabouts {number}",
        digests=f"SHA-256 of the photo: {photo.get('sha256', '') or 'none'}; of the region: {contents.region.sha256}",
    )
