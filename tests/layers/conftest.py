import importlib.util
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def rasters():
    """The module beside this file."""
    spec = importlib.util.spec_from_file_location("layer_rasters", Path(__file__).with_name("rasters.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path, monkeypatch):
    """No test sees the layers of whoever runs it."""
    monkeypatch.setenv("HEREABOUTS_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def sentence():
    """Asserts that an error is one sentence and gives it."""

    def check(error) -> str:
        text = str(error)
        assert text.endswith(".")
        assert "\n" not in text
        assert not re.search(r"\.\s+[A-Z]", text)
        return text

    return check
