"""The arrows of the house: imports run downwards only, and the engine starts light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Each room may import from rooms above it in this list, and from itself.
ROOMS = [
    {"engine.errors"},
    {"engine.progress", "engine.folders"},
    {"engine.earth", "engine.exif", "engine.artifacts", "engine.preprocessing", "engine.scene_features"},
    {"engine.photo", "engine.grids"},
    {"engine.layers", "engine.models", "engine.backbones"},
    {"engine.encoders"},
    {"engine.prompts"},
    {"engine.predictors"},
    {"engine.parts"},
    {"engine.ranking"},
    {"engine.region"},
    {"engine.places"},
    {"engine.search_map"},
    {"engine.ensemble", "engine.world", "engine.model_choices"},
    {"engine.photo_fit"},
    {"engine.evidence"},
    {"engine.answer"},
    {"engine.export", "engine.pipeline"},
    {"engine.contributions", "engine.search", "engine.evaluation", "engine.training", "engine.plots"},
    {"engine.together", "engine.judging"},
    {"engine.cases"},
    {"engine.made_up_layers"},
    {"engine.facts", "engine.testing", "engine.known_planet", "engine.known_answers", "engine.launch"},
    {"engine.batch"},
    {"engine.bench"},
    {"engine.cli"},
    {"dashboard"},
]


def room_of(module: str) -> int | None:
    for level, rooms in enumerate(ROOMS):
        if any(module == room or module.startswith(room + ".") for room in rooms):
            return level
    return None


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name} imports relatively; write the whole name"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] in {"engine", "dashboard"}}


SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("dashboard/**/*.py")])


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_imports_run_downwards_only(path):
    module = module_name(path)
    if module == "engine":
        assert imports_of(path) == set()
        return
    level = room_of(module)
    assert level is not None, f"{module} has no room; put it in the list of tests/test_architecture.py"
    upwards = {name for name in imports_of(path) if (room_of(name) or 0) > level}
    assert upwards == set()


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_rooms_keep_to_their_libraries(path):
    text = path.read_text(encoding="utf-8")
    imported = {node.names[0].name if isinstance(node, ast.Import) else node.module or ""
                for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)}
    tops = {name.split(".")[0] for name in imported}
    module = module_name(path)
    if module.startswith("engine"):
        assert not tops & {"streamlit", "pydeck", "folium"}
    if module.startswith("dashboard.maps"):
        assert "streamlit" not in tops


def test_siblings_among_predictors_never_import_each_other():
    shared = {"engine.predictors", "engine.predictors.base", "engine.predictors.prior"}
    shared |= {f"engine.predictors.{name}" for name in ("registry", "catalogue", "plugins")}
    for path in ROOT.glob("engine/predictors/*.py"):
        if module_name(path) in shared:
            continue
        modules = {name for name in imports_of(path) if (ROOT / (name.replace(".", "/") + ".py")).exists()}
        siblings = {name for name in modules if name.startswith("engine.predictors.")} - shared
        assert siblings == set(), path.name


@pytest.mark.parametrize("module", ["engine", "engine.pipeline", "engine.cli.main", "engine.bench.overlay"])
def test_the_engine_starts_without_torch_and_streamlit(module):
    code = f"import sys, {module}; print([m for m in ('torch', 'streamlit', 'pydeck', 'timm') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_no_pickle_is_ever_loaded():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                words = {k.arg: ast.unparse(k.value) for k in node.keywords}
                assert words.get("allow_pickle", "False") == "False", path
                if ast.unparse(node.func) == "torch.load":
                    assert words.get("weights_only") == "True", path


def test_no_lock_file_and_no_large_asset():
    assets = [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in assets) < 25e6
