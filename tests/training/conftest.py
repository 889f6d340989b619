"""One thread, so that tests leave room for others, and the made-up world."""

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parent


def _module(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


MADE_UP = _module("made_up_world")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def made_up_layers():
    return MADE_UP.layers()


@pytest.fixture(scope="session")
def small_world(tmp_path_factory):
    """120 photos of the made-up world, for tests of the machinery."""
    return MADE_UP.made_up(tmp_path_factory.mktemp("small") / "world", 120, seed=5)
