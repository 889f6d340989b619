"""What a report may load: nothing at all, or the pictures of its one embedded map."""

import base64
import hashlib
from collections.abc import Sequence
from html.parser import HTMLParser


def policy(style: str, scripts: Sequence[str] = (), picture_hosts: Sequence[str] = ()) -> str:
    """A Content-Security-Policy for a report with one style sheet and perhaps a page with a map inside a frame.

    Without scripts none runs and no host is asked. A frame inherits the policy of the page around it, so with a map the
    policy names each of its scripts by its digest, and the hosts of its pictures; nothing else runs or is asked.

    Args:
        style: text of the report's style sheet.
        scripts: texts of the scripts that may run.
        picture_hosts: origins that may be asked for pictures, for instance ``"https://tiles.example"``.
    """
    fixed = "base-uri 'none'; form-action 'none'"
    if not scripts:
        return f"default-src 'none'; img-src data:; style-src {_digest(style)}; {fixed}"
    named, pictures = " ".join(map(_digest, scripts)), " ".join(["data:", *picture_hosts])
    inline = "'unsafe-inline'"  # Leaflet writes style attributes
    return f"default-src 'none'; img-src {pictures}; script-src {named}; style-src {inline}; {fixed}"


def scripts_of(page: str) -> list[str]:
    """The texts of the scripts inside an HTML page, in order."""
    parser = _Scripts()
    parser.feed(page)
    parser.close()
    return parser.found


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class _Scripts(HTMLParser):
    """The scripts inside a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a script."""
        if tag == "script" and not dict(attrs).get("src"):
            self._open = []

    def handle_data(self, data: str) -> None:
        """Gather its text."""
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag == "script" and self._open is not None:
            self.found.append("".join(self._open))
            self._open = None
