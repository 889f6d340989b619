"""One reader for all tests that read: its networks take half a second to load."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # sign_lines and rendered lie beside the tests that use them

from engine.signs.ppocr import PpOcrReader


@pytest.fixture(scope="session")
def reader():
    return PpOcrReader(threads=2)
