"""Leaflet, from npm: maps that stand alone (in reports, of a tile search) carry it and ask no host for it.

    python assets/scripts/web_libraries.py

Run it alone; it replaces its own tables in ``assets/records.toml`` and keeps the others.
"""

import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path

from evidence_records import table
from records import HEAD, written

ASSETS = Path(__file__).parents[1]
SCRIPT = "assets/scripts/web_libraries.py"
LEAFLET = "leaflet@1.9.4"
# name -> package, file in it, title, licence; pinned, because a map that changes by itself is not ours to answer for
FILES = {
    "leaflet.js": (LEAFLET, "dist/leaflet.js", "Leaflet, script", "BSD-2-Clause"),
    "leaflet.css": (LEAFLET, "dist/leaflet.css", "Leaflet, style", "BSD-2-Clause"),
    "leaflet-LICENSE.txt": (LEAFLET, "LICENSE", "Leaflet, licence", "BSD-2-Clause"),
}


def main() -> None:
    """Fetch the packages, copy their files, write their records."""
    folder = ASSETS / "web"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        packages = {name: unpacked(name, Path(scratch)) for name in (LEAFLET,)}
        for name, (package, file, _, _) in FILES.items():
            (folder / name).write_bytes((packages[package] / file).read_bytes())
    write_records()


def unpacked(package: str, scratch: Path) -> Path:
    """A package of npm in a folder of its own."""
    target = scratch / package.replace("/", "_")
    target.mkdir()
    done = subprocess.run(["npm", "pack", "--silent", package], cwd=target, check=True, capture_output=True, text=True)
    with tarfile.open(target / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def write_records() -> None:
    """One table a file, after those of the other scripts."""
    path = ASSETS / "records.toml"
    others = [t for t in tomllib.loads(path.read_text("utf-8"))["asset"] if t.get("script") != SCRIPT]
    path.write_text(HEAD + "\n".join(written(table) for table in [*others, *map(table_of, FILES)]), "utf-8")


def table_of(name: str) -> dict[str, object]:
    """What stands in the records of one file."""
    package, _, title, licence = FILES[name]
    description = "Part of maps that stand alone, in reports and of tile searches."
    sources = ((f"{package} of the npm registry, as published", licence),)
    return table(ASSETS, f"web_{name}", f"web/{name}", SCRIPT, title, description, "", sources)


if __name__ == "__main__":
    main()
