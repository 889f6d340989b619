"""Imports run downwards only, and the engine starts without heavy libraries."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Each package may import from packages above it in this list, and from itself.
LEVELS = [
    {"engine.errors", "engine.paths", "engine.progress", "engine.typing", "engine.files"},
    {"engine.geometry", "engine.artifacts", "engine.photos"},
    {"engine.partitions"},
    {"engine.layers", "engine.networks"},
    {"engine.predictors", "engine.plots"},
    {"engine.inference"},
    {"engine.evidence"},
    {"engine.signs"},
    {"engine.locate"},
    {"engine.search_planning"},
    {"engine.evaluation", "engine.cases"},
    {"engine.tile_search", "engine.claims"},
    {"engine.training", "engine.privacy", "engine.export"},
    {"engine.testing"},
    {"engine.batch", "engine.bench"},
    {"engine.cli"},
    {"dashboard"},
]


SHARED_BY_PREDICTORS = ("registry", "catalogue", "plugins", "selection", "reference_checks")


def level_of(module: str) -> int | None:
    for level, packages in enumerate(LEVELS):
        if any(module == package or module.startswith(package + ".") for package in packages):
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
    if module == "engine":  # its imports are for type checkers; names are loaded when they are used
        return
    level = level_of(module)
    assert level is not None, f"{module} has no level; add its package to the list in tests/test_architecture.py"
    upwards = {name for name in imports_of(path) if (level_of(name) or 0) > level}
    assert upwards == set()


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_packages_keep_to_their_libraries(path):
    text = path.read_text(encoding="utf-8")
    imported = {
        node.names[0].name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    tops = {name.split(".")[0] for name in imported}
    module = module_name(path)
    if module.startswith("engine"):
        assert not tops & {"streamlit", "pydeck", "folium"}
    if module.startswith("dashboard.maps"):
        assert "streamlit" not in tops


def test_siblings_among_predictors_never_import_each_other():
    shared = {"engine.predictors", "engine.predictors.base", "engine.inference.prior"}
    shared |= {f"engine.predictors.{name}" for name in SHARED_BY_PREDICTORS}
    for path in ROOT.glob("engine/predictors/*.py"):
        if module_name(path) in shared:
            continue
        modules = {name for name in imports_of(path) if (ROOT / (name.replace(".", "/") + ".py")).exists()}
        siblings = {
            name for name in modules if name.startswith("engine.predictors.") and ".prompts" not in name
        } - shared
        assert siblings == set(), path.name


@pytest.mark.parametrize("module", ["engine", "engine.locate.locator", "engine.cli.main", "engine.bench.overlay"])
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
    assert sum(path.stat().st_size for path in assets) < 40e6
