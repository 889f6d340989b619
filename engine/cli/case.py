"""`hereabouts locate --case` and `hereabouts case`: answer a saved case again, show it, check it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cases.answering import (
    EVIDENCE,
    CaseAnswer,
    PhotoOutcomes,
    answer_case,
    drop_pixels,
    find_photos,
)
from engine.cases.case import Case
from engine.cases.permalink import from_token, length_note, to_token
from engine.cases.provenance import differences, newer_note
from engine.cases.reading import LARGEST_FILE, case_from_json
from engine.cases.schema import case_schema
from engine.cases.steps import claim_words, dependence_words, region_words
from engine.cases.writing import case_digest
from engine.cli.console import console_progress, exit_on_error, print_error, verb_group
from engine.cli.locate_output import readable, write_region
from engine.errors import HereaboutsError, InputError
from engine.export.json_result import answer_facts, joint_facts
from engine.geometry.grid import Grid
from engine.geometry.grids import parse_grid
from engine.locate.locator import Locator
from engine.photos.photo import display_name, open_photo
from engine.photos.plain import plain_text
from engine.progress import Report

app = verb_group("Show or check a saved case.")

Load = Callable[[Grid, Report], Locator]
BESIDE = ("case", "photos", "out", "s2_level", "as_json")
"""Options of `locate` that go with a case; it holds the others itself."""

_LINK = re.compile(r"(?:.*[?&]case=(.*?)|(?=1)([A-Za-z0-9_-]{100,}))(?:[&#].*)?", re.DOTALL)
"""An address with a case in it, or a token by itself: far longer than the name of a file without a dot."""

Source = Annotated[str, typer.Argument(help="A case file, or the link of a case.", show_default=False)]


def read_case(source: str) -> Case:
    """The case of a file, or of a link or its token.

    Raises:
        InputError: it is neither, cannot be read, or holds no case.
    """
    if link := _LINK.fullmatch(source):
        return from_token(link[1] or link[2] or "")
    path, shown = Path(source), plain_text(source, 80)
    try:
        if not path.is_file():
            raise InputError(f"There is no case file {shown!r}; check the path and try again.")
        with path.open("rb") as file:
            return case_from_json(file.read(LARGEST_FILE + 1))
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{shown!r} cannot be read; copy the case to a local disk and try again.") from error


def refuse_beside_case(context: typer.Context) -> None:
    """Refuse options that a case holds itself.

    Raises:
        InputError: one was given.
    """
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE" and parameter.name not in BESIDE:
            raise InputError(f"{parameter.opts[0]} is part of the case; leave it out, or change it in the case file.")


def locate_case(
    source: str,
    photos: Sequence[Path],
    out: Path | None,
    as_json: bool,
    load: Load = Locator.load,
    s2_level: int | None = None,
) -> int:
    """Answer a case; how many of its photos failed.

    Args:
        source: a case file or a link.
        photos: files and folders among which to find its photos.
        out: where to write the region.
        as_json: whether to print one JSON object per map.
        load: returns the locator of a grid.
        s2_level: level of the S2 cell tokens, if ``out`` is such a file.

    Raises:
        InputError: the case or a source makes no sense.
    """
    case = read_case(source)
    found = find_photos(case, photos)
    with console_progress() as report:
        locator = load(parse_grid(case.grid), report)
        if any(each.on for each in case.evidence):
            locator.evidence_weigher(report)  # built once on a machine; here, so that people see how far it is
        read, failed = _predict_photos(locator, found.paths, report)
    for note in [newer_note(case), *differences(case, locator), found.note, *failed, *_skipped_notes(found.others)]:
        if note:
            print_error(note)
    answers = answer_case(locator, case, read)
    for facts in _case_facts(case, answers, out, s2_level):
        print(json.dumps(facts, allow_nan=False) if as_json else _case_readable(facts), flush=True)
    return len(found.missing) + len(failed)


def _predict_photos(
    locator: Locator, paths: Mapping[str, Path], report: Report
) -> tuple[dict[str, PhotoOutcomes], tuple[str, ...]]:
    """Predictions by photo, and a sentence for each photo that cannot be opened."""
    read: dict[str, PhotoOutcomes] = {}
    failed = []
    for done, (sha256, path) in enumerate(paths.items()):
        report("Reading photos", done / len(paths))
        try:
            photo = open_photo(path)
            read[sha256] = drop_pixels(photo), locator.read(photo)
        except HereaboutsError as error:
            failed.append(str(error))
    return read, tuple(failed)


def _skipped_notes(others: Sequence[Path]) -> Iterator[str]:
    for path in others:
        yield f"{display_name(path.name)} is not a photo of this case and was left out."


def _case_facts(
    case: Case, answers: Sequence[CaseAnswer], out: Path | None, s2_level: int | None
) -> Iterator[dict[str, Any]]:
    claim = case.claim.point if case.claim is not None else None
    for each in answers:
        asked = each.region, each.places, claim
        facts = answer_facts(each.answer, *asked) if each.joint is None else joint_facts(each.joint, *asked)
        facts["case"] = {"title": case.title, "map": each.key, "same_region": _is_same_region(case, each)}
        facts["notes"] = list(each.notes)
        if each.key == EVIDENCE:
            facts["photo"] = {"name": "evidence alone", "sha256": ""}
        if out is not None:
            path = _out_path(out, each.key, answers)
            written = write_region(each.answer, each.region, path, many=False, facts=facts, s2_level=s2_level)
            facts["out"] = str(written)
        yield facts


def _out_path(out: Path, key: str, answers: Sequence[CaseAnswer]) -> Path:
    """``out``; with several maps, one file each, with its photo's hash or ``together`` in the name."""
    return out if len(answers) == 1 else out.with_name(f"{out.stem}-{key[:12]}{out.suffix}")


def _is_same_region(case: Case, answer: CaseAnswer) -> bool | None:
    """Whether the region equals the one that the case was saved with; None where the case records none."""
    then = case.made.regions.get(answer.key)
    return None if then is None else then == answer.region.sha256


def _case_readable(facts: Mapping[str, Any]) -> str:
    same = facts["case"]["same_region"]
    words = {True: "the same region as when the case was saved", False: "not the region that the case was saved with"}
    return readable(dict(facts)) + (f"\n  case: {words[same]}" if same is not None else "")


@app.command()
def show(source: Source) -> None:
    """Print a case for people."""
    with exit_on_error():
        case = read_case(source)
    for line in case_lines(case):
        print(line)


@app.command()
def check(source: Source) -> None:
    """Whether a case can be opened here; says in one sentence what is wrong with it."""
    with exit_on_error():
        case = read_case(source)
    print(f"{case_digest(case)}  can be opened, version {case.version}")


@app.command()
def link(
    source: Source,
    names: Annotated[bool, typer.Option(help="Put the names of the photos' files into it.")] = False,
) -> None:
    """Print the part of a link that restores a case: put it behind the dashboard's address."""
    with exit_on_error():
        token = to_token(read_case(source), names=names)
    if note := length_note(token):
        print_error(note)
    print(f"?case={token}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of case files."""
    print(json.dumps(case_schema(), indent=2))


def case_lines(case: Case) -> Iterator[str]:
    """A case as lines of text, one per fact."""
    yield case.title or "A case without a title"
    yield from (f"  {line}" for line in case.notes.splitlines())
    yield from (f"  photo: {photo.words}, {photo.width} x {photo.height}" for photo in case.photos)
    for each in case.evidence:
        yield f"  {'on ' if each.on else 'off'} {each.sentence()} - {each.strength}"
    yield from (f"  {line}" for line in _settings_lines(case))
    yield f"  {region_words(case.region)}"
    if case.claim is not None:
        yield f"  {claim_words(case.claim)}"
    yield f"  grid: {case.grid}, saved by Hereabouts {case.made.version or 'unknown'}, version {case.version}"
    if note := newer_note(case):
        yield f"  note: {note}"


def _settings_lines(case: Case) -> Iterator[str]:
    chosen = case.settings
    yield from (f"weight of {name}: {value:g}" for name, value in chosen.weights.items())
    yield f"weight of the photo prior: {chosen.prior_weight:g}, pooling: {chosen.pooling}"
    for partition, stated in chosen.declared.items():
        yield f"stated: {partition} " + ", ".join(f"{label} {value:g}" for label, value in stated.items())
    if len(case.photos) > 1:
        yield dependence_words(chosen.dependence)
