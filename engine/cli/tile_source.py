"""What the verbs of the tile search share: an open source, the method by name, errors as one sentence."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from engine.cli.console import exit_on_error, print_error
from engine.errors import InputError
from engine.tile_search.beam import Method
from engine.tile_search.imagery import SourceRecord, TileSource
from engine.tile_search.session import Folders
from engine.tile_search.sources.opening import is_own_template, open_source


def exit_on_search_error() -> AbstractContextManager[None]:
    """``exit_on_error`` with the sentence for a search that is interrupted."""
    return exit_on_error(interrupted="stopped; embeddings computed so far are stored: run it again to continue.")


@contextmanager
def open_imagery(name: str, max_zoom: int, *, allow_local: bool) -> Iterator[TileSource]:
    """An open source, closed at the end; a template of the user's own comes with a warning."""
    if is_own_template(name):
        from engine.tile_search.sources.xyz import OWN_TEMPLATE_WARNING

        print_error(OWN_TEMPLATE_WARNING)
    imagery = open_source(name, Folders().access(allow_local=allow_local, max_zoom=max_zoom))
    try:
        yield imagery
    finally:
        imagery.close()


def parse_method(text: str) -> Method:
    """The method of that name.

    Raises:
        InputError: there is none.
    """
    if text not in set(Method):
        raise InputError(f"There is no method {text!r}; use path or paper.")
    return Method(text)


def source_facts(record: SourceRecord) -> dict[str, Any]:
    """A source's record as plain values."""
    names = ("name", "title", "attribution", "terms", "min_zoom", "max_zoom", "homepage", "note")
    return {name: getattr(record, name) for name in names}
