"""The formats that an answer can be written in, as one table, and how a file comes into being: whole or not at all."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from engine.errors import ExportError, InputError
from engine.export.contents import Contents
from engine.export.geopackage import write_geopackage
from engine.export.geotiff import write_geotiff
from engine.export.gpx import write_gpx
from engine.export.kml import write_kml
from engine.export.places_csv import write_places_csv
from engine.export.report import write_report
from engine.export.s2_tokens import write_s2_tokens
from engine.export.vector import write_geojson


@dataclass(frozen=True)
class Export:
    """One format.

    Attributes:
        suffix: of its files, with the dot.
        title: its name as people say it.
        what: what such a file holds, as one word: ``"region"``, ``"places"``, ``"map"`` or ``"report"``.
        media_type: for a browser.
        write: writes contents to a path that nothing else uses.
    """

    suffix: str
    title: str
    what: str
    media_type: str
    write: Callable[[Contents, Path], None]


_ALL = (
    Export(".geojson", "GeoJSON", "region", "application/geo+json", write_geojson),
    Export(".kml", "KML", "region", "application/vnd.google-earth.kml+xml", write_kml),
    Export(".gpkg", "GeoPackage", "region", "application/geopackage+sqlite3", write_geopackage),
    Export(".tif", "GeoTIFF", "map", "image/tiff; application=geotiff; profile=cloud-optimized", write_geotiff),
    Export(".csv", "CSV", "places", "text/csv", write_places_csv),
    Export(".gpx", "GPX", "places", "application/gpx+xml", write_gpx),
    Export(".s2", "S2 cell tokens", "region", "text/csv", write_s2_tokens),
    Export(".html", "Report", "report", "text/html", write_report),
)
EXPORTS: Mapping[str, Export] = MappingProxyType({export.suffix: export for export in _ALL})
"""Every format by the suffix of its files; the command line and the dashboard offer exactly these."""
SAME = {".json": ".geojson", ".tiff": ".tif", ".htm": ".html"}
"""Other suffixes that people write for some of them."""


def export_for(path: Path) -> Export:
    """The format of a file by its suffix, in any case.

    Raises:
        InputError: there is no such format.
    """
    suffix = path.suffix.lower()
    found = EXPORTS.get(SAME.get(suffix, suffix))
    if found is None:
        raise InputError(f"{path.name!r} ends in no format that can be written; end it in {', '.join(EXPORTS)}.")
    return found


def write_export(contents: Contents, path: Path) -> Path:
    """Write a file in the format of its suffix; an earlier file of that name is replaced at the end.

    Raises:
        InputError: the suffix names no format.
        ExportError: the file cannot be written.
    """
    export = export_for(path)
    with _one_sentence(str(path)), tempfile.TemporaryDirectory(prefix=".hereabouts-", dir=path.parent) as folder:
        made = Path(folder) / f"export{export.suffix}"  # a name of ours: libraries never see the user's
        export.write(contents, made)
        made.replace(path)
    return path


def export_bytes(contents: Contents, export: Export) -> bytes:
    """A file as bytes, for a download.

    Raises:
        ExportError: it cannot be made.
    """
    with _one_sentence(f"the {export.title} file"), tempfile.TemporaryDirectory(prefix="hereabouts-") as folder:
        made = Path(folder) / f"export{export.suffix}"
        export.write(contents, made)
        return made.read_bytes()


def export_name(contents: Contents, export: Export) -> str:
    """A file name of ours: it carries the digest of the photo, or of the region where there is none, and no name."""
    digest = str(contents.photo.get("sha256", ""))
    if re.fullmatch(r"[0-9a-f]{12,64}", digest) is None:
        digest = contents.region.sha256
    return f"hereabouts-{digest[:12]}{export.suffix}"


@contextmanager
def _one_sentence(what: str) -> Iterator[None]:
    """Failures of the disk and of the libraries that write, as one sentence."""
    from pyogrio.errors import DataLayerError, DataSourceError
    from rasterio.errors import RasterioError

    try:
        yield
    except OSError as error:
        told = f"{what} could not be written ({error.strerror or error}); choose a folder that you may write."
        raise ExportError(told) from error
    except (RasterioError, DataSourceError, DataLayerError) as error:
        told = f"{what} could not be written ({type(error).__name__}); is there space left on the disk?"
        raise ExportError(told) from error
