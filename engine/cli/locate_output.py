"""How `hereabouts locate` writes and prints a result."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli.locate_signs import readable_signs
from engine.errors import ExportError, InputError
from engine.evidence.statements.evidence import STRENGTHS
from engine.export.json_result import answer_facts
from engine.files import write_bytes
from engine.inference.region import Region
from engine.locate.result import Answer


def write_region(
    answer: Answer,
    region: Region,
    out: Path,
    *,
    many: bool,
    facts: Mapping[str, Any] | None = None,
    s2_level: int | None = None,
) -> Path:
    """Write a result in the format of the file's suffix; with several photos each file name has its photo's digest.

    Args:
        answer: the pooled result.
        region: the search region.
        out: the file.
        many: whether other photos are written beside it.
        facts: of ``answer_facts``; computed with the default candidate locations unless given.
        s2_level: level of the S2 cell tokens; chosen by the area of the region unless given.

    Raises:
        InputError: the suffix names no format.
        ExportError: the file cannot be written.
    """
    from engine.export.contents import contents_of
    from engine.export.files import write_export

    path = out.with_name(f"{out.stem}-{answer.photo.sha256[:12]}{out.suffix}") if many else out
    known = facts if facts is not None else answer_facts(answer, region, answer.search_map.candidates())
    return write_export(replace(contents_of(answer, region, known), s2_level=s2_level), path)


def check_verdict_path(path: Path | None, claim: str | None) -> Path | None:
    """The file of ``--verdict``, refused before the first photo is read where it cannot be written.

    Raises:
        InputError: no claim was given, or the suffix names no format.
    """
    if path is None:
        return None
    if claim is None:
        raise InputError("--verdict is about a claimed location; give one as well, for instance --claim 52.37,4.90.")
    if path.suffix.lower() not in (".html", ".pdf"):
        raise InputError(f"{path.name!r} is neither .html nor .pdf; choose one of the two for --verdict.")
    return path


def write_verdict(answer: Answer, region: Region, path: Path, facts: Mapping[str, Any], *, many: bool) -> Path:
    """Write the page on a claimed location; with several photos each file name has its photo's digest.

    Raises:
        ExportError: the file cannot be written.
    """
    from engine.export.contents import contents_of
    from engine.export.verdict_html import verdict_html
    from engine.export.verdict_pdf import verdict_pdf

    target = path.with_name(f"{path.stem}-{answer.photo.sha256[:12]}{path.suffix}") if many else path
    contents = contents_of(answer, region, facts)
    data = verdict_pdf(contents) if path.suffix.lower() == ".pdf" else verdict_html(contents).encode()
    try:
        write_bytes(target, data)
    except OSError as error:
        raise ExportError(f"{target.name} cannot be written ({error.strerror}); choose another folder.") from error
    return target


def readable(facts: dict[str, Any]) -> str:
    """A result as a few lines of text."""
    region = facts["region"]
    lines = [
        facts["photo"]["name"],
        f"  region: {region['area_km2']:,.0f} km2, holds {region['probability']:.1%}, {region['parts']} component(s)",
    ]
    lines += _joint_lines(facts.get("together", {}))
    lines += [
        f"  {place['rank']:>3}. {place['lat']:9.4f} {place['lon']:9.4f}  {place['probability']:6.2%}"
        f"  {place['area_km2']:,.0f} km2  {place['name']}".rstrip()
        for place in facts["places"]
    ]
    if "claim" in facts:
        claim = facts["claim"]
        reach = f"{claim['area_to_reach_km2']:,.0f} km2"
        lines.append(f"  claim {claim['lat']:.4f}, {claim['lon']:.4f}: {reach} to search before it is reached")
        lines += [f"    {sentence}" for sentence in claim["verdict"]]
        lines += _claim_table_lines(claim["table"] or {})
    lines += readable_signs(facts["signs"]) if "signs" in facts else []
    lines += [f"  note: {note}" for note in facts["notes"]]
    written = [f"  written: {facts[name]}" for name in ("out", "verdict_out") if name in facts]
    return "\n".join(lines + written)


def _claim_table_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """Expected there, observed and verdict of each clue, by source; then what would settle the claim next."""
    source = ""
    for clue in table.get("clues", ()):
        if clue["source"] != source:
            source = clue["source"]
            total = table["log10_by_source"].get(source)
            joint = f", together {10**total:.2g} : 1" if total is not None and abs(total) < 6 else ""
            yield f"    {source}{joint if source != 'baseline' else ''}:"
        stated = f" [{clue['confidence']}]" if clue["confidence"] in STRENGTHS else ""
        yield f"      - {clue['sentence']}{stated} ({clue['strength']})"
    if table.get("next"):
        yield "    what would settle it next:"
        yield from (f"      - {sentence}" for sentence in table["next"])


def _joint_lines(together: Mapping[str, Any]) -> Iterator[str]:
    """How several photos of one location were pooled; no line for a single photo."""
    if not together:
        return
    alike, worth = together["dependence"], together["effective_photos"]
    count = f"count as {worth:.1f} independent photos"
    yield f"  {together['photos']} photos of one location, error correlation {alike:.0%}, {count}"
    for share in together["shares"]:
        area = f"{share['alone_mass']:.0%} of its own map: {share['alone_km2']:,.0f} km2"
        yield f"    - {share['name']}: {share['says']}; {area}"
