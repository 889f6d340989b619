"""Writes assets/map/*.js and map.css: the sources in dashboard/maps/web with the libraries that they use.

    uv run python assets/scripts/map_bundle.py

npm installs packages of fixed versions into a folder that is thrown away, esbuild bundles; equal sources give equal
files. The libraries' licences go beside the bundles. Needs node and npm.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from evidence_records import table
from records import replace_records

ASSETS = Path(__file__).resolve().parents[1]
SOURCES = ASSETS.parent / "dashboard/maps/web"
SCRIPT = "assets/scripts/map_bundle.py"
MAPLIBRE, TERRA, ADAPTER = "maplibre-gl@6.17.0", "terra-draw@1.35.0", "terra-draw-maplibre-gl-adapter@1.4.1"
ESBUILD = "esbuild@0.28.2"
"""Pinned, because a map that changes by itself is not ours to answer for."""
TERRA_PACKAGES = ("terra-draw", "terra-draw-maplibre-gl-adapter")
WORKER = "maplibre-gl-worker.mjs"
BUNDLES = {
    "map.js": ("Map, script", f"Our map on {MAPLIBRE}."),
    "draw.js": ("Map, drawing tools", f"Loaded where somebody draws; with {TERRA} and {ADAPTER}."),
    "worker.js": ("Map, worker", f"The worker of {MAPLIBRE}."),
    "map.css": ("Map, style", f"Our style and that of {MAPLIBRE}."),
}
MAPLIBRE_LICENCE, TERRA_LICENCE = "maplibre-LICENSE.txt", "terra-draw-LICENSE.txt"
MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without
limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
Software, and to permit persons to whom the Software is furnished to do so, subject to the following
conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions
of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.
"""
"""Terra Draw's packages say MIT and carry no text of it."""
LIBRARIES = (
    (f"{MAPLIBRE} of the npm registry", "BSD-3-Clause"),
    (f"{TERRA} and {ADAPTER} of the npm registry", "MIT"),
    ("dashboard/maps/web of this project", "Apache-2.0"),
)


def main() -> None:
    """Build into the assets, or into another folder to compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, help="a folder to build into; the assets and their records stay")
    into = parser.parse_args().into
    target = into or ASSETS / "map"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        build(Path(scratch), target)
    (target / "sources.json").write_text(json.dumps(source_digests(), indent=1) + "\n", "utf-8")
    if into is None:
        write_records()


def build(folder: Path, target: Path) -> None:
    """Install, bundle, copy what stays as it is."""
    (folder / "package.json").write_text("{}")
    packages = (MAPLIBRE, TERRA, ADAPTER, ESBUILD)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", *packages]
    subprocess.run(install, cwd=folder, check=True)
    shutil.copytree(SOURCES, folder / "web")
    (folder / "web/all.css").write_text('@import "maplibre-gl/dist/maplibre-gl.css";\n@import "./map.css";\n')
    options = (
        "--bundle", "--format=esm", "--minify", "--target=es2022", "--legal-comments=none", "--charset=utf8",
        "--outdir=out", "--log-level=warning",
    )  # fmt: skip
    # No chunks that both share: the dashboard serves files under names that are digests.
    for entry in ("map=web/main.js", "draw=web/draw.js"):
        subprocess.run(["node_modules/.bin/esbuild", entry, *options], cwd=folder, check=True)
    style = ("web/all.css", "--bundle", "--minify", "--outfile=out/map.css", "--log-level=warning")
    subprocess.run(["node_modules/.bin/esbuild", *style], cwd=folder, check=True)
    modules = folder / "node_modules"
    worker = (modules / "maplibre-gl/dist" / WORKER).read_text("utf-8")
    (folder / "out/worker.js").write_text(without_source_map(worker), "utf-8")
    for name in BUNDLES:
        shutil.copy(folder / "out" / name, target / name)
    shutil.copy(modules / "maplibre-gl/LICENSE.txt", target / MAPLIBRE_LICENCE)
    about = [json.loads((modules / name / "package.json").read_text("utf-8")) for name in TERRA_PACKAGES]
    named = "\n".join(
        f"{each['name']} {each['version']}, {each['license']}, github.com/{each['repository']}" for each in about
    )
    (target / TERRA_LICENCE).write_text(f"{named}\n\nCopyright (c) James Milner\n\n{MIT}", "utf-8")


def without_source_map(text: str) -> str:
    """A script without the comment that names a file beside it, which does not ship."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("//# sourceMappingURL")) + "\n"


def source_digests() -> dict[str, str]:
    """What the bundles were made from: digests of the sources and of this script."""
    files = sorted([*SOURCES.glob("*.js"), *SOURCES.glob("*.css"), Path(__file__)])
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write_records() -> None:
    """One table a file."""
    tables = [
        table(ASSETS, f"map_{name}", f"map/{name}", SCRIPT, title, text, "", LIBRARIES)
        for name, (title, text) in BUNDLES.items()
    ]
    licences = ((MAPLIBRE_LICENCE, "MapLibre GL JS, licence", 0), (TERRA_LICENCE, "Terra Draw, licence", 1))
    for name, title, number in licences:
        sources = (LIBRARIES[number],)
        tables.append(table(ASSETS, f"map_{name}", f"map/{name}", SCRIPT, title, "Part of the map.", "", sources))
    text = "Digests of the sources that the bundles were made from; a test compares them."
    own = (("dashboard/maps/web of this project", "Apache-2.0"),)
    tables.append(table(ASSETS, "map_sources", "map/sources.json", SCRIPT, "Map, sources", text, "", own))
    replace_records(ASSETS, SCRIPT, tables)


if __name__ == "__main__":
    main()
