"""Small JSON files that evaluation leaves behind for the command line and the dashboard: fits and calibrations."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import files
from engine.errors import ArtifactError, ExportError
from engine.paths import data_folder

FORMAT = 1


def records_folder() -> Path:
    """Folder of records: ``HEREABOUTS_RECORDS`` or the user's data folder."""
    chosen = os.environ.get("HEREABOUTS_RECORDS")
    return Path(chosen) if chosen else data_folder() / "records"


def write_record(path: Path, kind: str, facts: Mapping[str, Any]) -> None:
    """Write a record whole or not at all.

    Raises:
        ExportError: it cannot be written.
    """
    write_text(path, json.dumps({"format": FORMAT, "kind": kind, **facts}, indent=1, allow_nan=False))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        ExportError: it cannot be written.
    """
    try:
        files.write_text(path, text)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise ExportError(f"{path} could not be written ({reason}); choose a folder that you may write.") from error


def read_record(path: Path, kind: str) -> dict[str, Any]:
    """A record of a kind.

    Raises:
        ArtifactError: the file is missing, damaged, of another kind or of another version.
    """
    remedy = "create it again with hereabouts evaluate."
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArtifactError(f"The record {path} cannot be read ({error.strerror}); {remedy}") from error
    except ValueError as error:
        raise ArtifactError(f"The record {path} is not JSON; {remedy}") from error
    if not isinstance(facts, dict) or facts.get("kind") != kind:
        raise ArtifactError(f"{path} is no {kind} record; {remedy}")
    if facts.get("format") != FORMAT:
        raise ArtifactError(f"The record {path} has format {facts.get('format')}, expected {FORMAT}; {remedy}")
    return facts
