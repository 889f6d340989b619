"""The public names are locked: what users import stays importable, and importing the package costs next to nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

import engine

PUBLIC = [
    "__version__",
    "Answer",
    "ArtifactError",
    "Candidate",
    "Case",
    "CellLikelihood",
    "Circle",
    "ClaimCheck",
    "CoastWithin",
    "ContradictionError",
    "CountryFact",
    "CountryIs",
    "DrawnArea",
    "Elevation",
    "Evidence",
    "ExportError",
    "Grid",
    "HereaboutsError",
    "InputError",
    "LabelIs",
    "LayerError",
    "Locator",
    "Photo",
    "PhotoError",
    "Pooling",
    "Prediction",
    "Predictor",
    "PredictorError",
    "Record",
    "Region",
    "SearchMap",
    "Searched",
    "Seen",
    "Settings",
    "SignsError",
    "SunObservation",
    "SunSeen",
    "World",
    "answer_together",
    "check_claim",
    "open_photo",
]


def test_the_public_names_are_these():
    assert sorted(engine.__all__) == sorted(PUBLIC)
    assert dir(engine) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_imported_and_says_what_it_is(name):
    value = getattr(engine, name)
    assert value is not None
    if isinstance(value, type) or callable(value):
        assert value.__doc__
        assert value.__module__.startswith("engine.")


def test_other_names_do_not_exist():
    with pytest.raises(AttributeError, match="no attribute 'Locatr'"):
        _ = engine.Locatr


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, engine; print([m for m in ('numpy', 'torch', 'streamlit', 'scipy', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_types_are_shipped():
    assert (Path(engine.__file__).parent / "py.typed").is_file()
