"""`hereabouts findable`: what a photo reveals before it is published, and a copy without metadata."""

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import console_progress, exit_on_error
from engine.cli.options import GridOption, JsonOption
from engine.errors import ExportError, InputError
from engine.files import atomic_path
from engine.geometry.grids import parse_grid
from engine.photos.photo import display_name, read_file
from engine.privacy.clean_copy import clean_copy, clean_suffix
from engine.privacy.findable import Findability, findability, findability_facts
from engine.privacy.leaks import Leak
from engine.privacy.sentences import sentences


def findable(
    photo: Annotated[Path, typer.Argument(help="The photo to assess.", show_default=False)],
    clean: Annotated[Path | None, typer.Option(help="Write a copy without metadata: .jpg, .png or .webp.")] = None,
    parts: Annotated[str, typer.Option(help="ROWSxCOLUMNS of parts to hide in turn; 0 hides none.")] = "4x4",
    grid: GridOption = "5400x10800",
    as_json: JsonOption = False,
) -> None:
    """What a photo reveals of its location, and a clean copy.

    The area to search with and without its metadata, and the parts and clues that narrow it.
    """
    from engine.evaluation.stored_fits import settings_in_use
    from engine.locate.locator import Locator
    from engine.locate.settings import Settings

    with exit_on_error():
        hidden, lattice = parse_parts(parts), parse_grid(grid)
        data = read_file(photo, display_name(photo.name))
        copy = None if clean is None else prepare_copy(data, photo, clean)
        with console_progress() as report:
            locator = Locator.load(lattice, report)
            settings = settings_in_use(Settings(), lambda: locator)
            found = findability(locator, data, settings, photo.name, hidden, report)
        if clean is not None and copy is not None:
            write_copy(copy, clean)
    written = {} if clean is None else {"clean": str(clean)}
    print(json.dumps({**findability_facts(found), **written}, allow_nan=False) if as_json else readable(found, clean))


def parse_parts(text: str) -> tuple[int, int] | None:
    """``"4x4"`` as rows and columns; None for ``"0"``.

    Raises:
        InputError: these are not two whole numbers.
    """
    if text.strip() == "0":
        return None
    try:
        rows, columns = (int(part) for part in text.lower().split("x"))
    except ValueError as error:
        raise InputError(f"--parts {text!r} is not ROWSxCOLUMNS; write for instance 4x4, or 0 for none.") from error
    return rows, columns


def prepare_copy(data: bytes, photo: Path, target: Path) -> bytes:
    """The clean copy, computed before the long work begins.

    Raises:
        InputError: the target's ending is not that of the copy, or it is the photo itself.
        PhotoError: the photo cannot be opened.
    """
    copy = clean_copy(data, photo.name)
    endings = (".jpg", ".jpeg") if clean_suffix(data) == ".jpg" else (clean_suffix(data),)
    if target.suffix.lower() not in endings:
        raise InputError(f"The clean copy of this photo is a {endings[0]} file; name it so instead of {target.name!r}.")
    if target.exists() and target.samefile(photo):
        raise InputError(f"{target.name} is the photo itself; give the clean copy another name.")
    return copy


def write_copy(copy: bytes, target: Path) -> None:
    """Write the copy whole or not at all.

    Raises:
        ExportError: the file cannot be written.
    """
    try:
        with atomic_path(target, create_folder=False) as temporary:
            temporary.write_bytes(copy)
    except OSError as error:
        raise ExportError(
            f"{target} could not be written ({error.strerror}); choose a folder that you may write."
        ) from error


def readable(found: Findability, clean: Path | None) -> str:
    """The findings for people, a few lines."""
    told = [found.photo.name, *(f"  {sentence}" for sentence in sentences(found))]
    leaks = [f"    {_leak(leak)}" for leak in found.metadata.leaks]
    told.append("  In the file besides the picture:" if leaks else "  The file holds nothing besides the picture.")
    return "\n".join(told + leaks + ([] if clean is None else [f"  clean copy: {clean}"]))


def _leak(leak: Leak) -> str:
    return f"{leak.gives}: {leak.sentence}" + (f" [{leak.value}]" if leak.value else "")
