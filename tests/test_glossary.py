"""Interface texts use the terms of docs/glossary.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = (
    *sorted((ROOT / "dashboard").rglob("*.py")),
    *sorted((ROOT / "engine").rglob("sentences.py")),
    *sorted((ROOT / "engine" / "export").glob("*.py")),
)
INSTEAD = {
    r"photo prior\b(?!\.)": "photo-popularity baseline",
    r"made[- ]up": "synthetic",
    r"known answers?": "reference check",
    r"by hand": "manually",
    r"give or take": "± (1 sigma)",
    r"likelier": "more likely",
    r"coverage asked for|asked for, %": "nominal coverage",
    r"holds? \{?\d* ?\}? ?% of|probability to hold": "mass",
    r"plain product|prior counted once": "product of experts, log-linear pool",
    r"internet suffix|telephone prefix": "country-code domain, calling code",
    r"how built-up|what covers the ground": "population density, land cover",
    r"height of the sun": "solar elevation",
    r"true places?\b": "true location",
    r"densest places?\b": "highest-density cells, top candidate",
    r"everywhere alike": "uniform prior",
    r"\bpaper [ab]\b|as in the paper": "Bianco et al., or Kim, Jang and Kim",
    r"\btwins?\b|\bhush\b|\bhomeless\b": "the standard term",
    r"where people take photos anyway": "shows the photo prior",
}
"""Words that the interface does not use, and the term to use in their place."""


def literals(path: Path) -> list[tuple[int, str]]:
    """Line and text of each string that is no docstring; the fields of an f-string become braces."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            found.append((node.lineno, "".join(map(str, pieces))))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found.append((node.lineno, node.value))
    return found


TEXTS = [(path, line, text) for path in FILES for line, text in literals(path)]


def test_the_scan_sees_the_interface():
    texts = {text for _, _, text in TEXTS}
    assert {
        "Add evidence",
        "Clue type",
        "Minimum spacing (km)",
        "This region: **{}**, **{}** probability in **{}**",
    } <= texts


@pytest.mark.parametrize("banned", INSTEAD)
def test_interface_texts_keep_to_the_glossary(banned):
    used = re.compile(banned, re.IGNORECASE)
    found = [f"{path.relative_to(ROOT)}:{line}: {text!r}" for path, line, text in TEXTS if used.search(text)]
    assert not found, f"use {INSTEAD[banned]!r}:\n" + "\n".join(found)


def test_the_glossary_defines_each_term_once():
    terms = re.findall(r"\*\*(.+?)\*\*", (ROOT / "docs" / "glossary.md").read_text("utf-8"))
    assert len(terms) == len(set(terms)) > 40
