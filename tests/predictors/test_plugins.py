import re
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import PredictorError
from engine.locate.locator import Locator
from engine.predictors.base import Predictor
from engine.predictors.plugins import GROUP, BrokenPlugin, plugin_predictors
from engine.testing import grey_photo

DOCS = Path(__file__).parents[2] / "docs" / "plugins.md"


def install(folder, monkeypatch, name, code, entries):
    """A package as an installer leaves it: a module and its metadata on the path."""
    (folder / f"{name}.py").write_text(code)
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n" + "\n".join(entries) + "\n")
    monkeypatch.syspath_prepend(str(folder))


@pytest.fixture(autouse=True)
def _forget_modules():
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("snow_sense", "made_up_plugin")):
            del sys.modules[name]


def example():
    """The module of the documentation, as it is printed there, and its entry point."""
    text = DOCS.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    entry = re.search(r'^snow_sense = "(.*)"$', text, re.MULTILINE)[1]
    assert f'[project.entry-points."{GROUP}"]' in text
    return code, entry


def test_the_example_of_the_documentation_works(tmp_path, monkeypatch, world):
    code, entry = example()
    install(tmp_path, monkeypatch, "snow_sense", code, [f"snow_sense = {entry}"])
    (predictor,) = plugin_predictors()
    assert isinstance(predictor, Predictor)
    white, grey = (predictor.predict(grey_photo(value=value))[0].probability for value in (255, 100))
    assert white[-1] == pytest.approx(1)
    assert grey == pytest.approx(np.full(7, 1 / 7))
    locator = Locator(world, [predictor])
    answer = locator.locate(grey_photo(value=255))
    assert answer.outcomes[0].status == "ok"
    assert answer.information_nats > 0.1


BAD = """
from engine.errors import ArtifactError

def stops(): raise RuntimeError("secret")
def leaves(): raise SystemExit(3)
def not_here(): raise ArtifactError("Its weights are missing; fetch them.")
def nonsense(): return 42
class Imposter:
    record = "me"
    def predict(self, photo): return ()
"""


def test_plugins_that_fail_never_take_the_others_down(tmp_path, monkeypatch, world):
    code, entry = example()
    names = ("stops", "leaves", "not_here", "nonsense", "Imposter", "missing")
    entries = [f"{name} = made_up_plugin:{name}" for name in names]
    install(tmp_path, monkeypatch, "made_up_plugin", BAD, entries)
    install(tmp_path, monkeypatch, "snow_sense", code, [f"snow_sense = {entry}"])
    found = {predictor.record.title: predictor for predictor in plugin_predictors()}
    assert list(found) == ["Imposter", "leaves", "missing", "nonsense", "not_here", "Snow sense", "stops"]
    answer = Locator(world, list(found.values())).locate(grey_photo())
    reasons = {outcome.record.title: outcome.reason for outcome in answer.outcomes}
    assert reasons.pop("Snow sense") == ""
    assert "fetch them" in reasons["not_here"]
    for title, words in (
        ("stops", "RuntimeError"),
        ("leaves", "SystemExit"),
        ("missing", "AttributeError"),
        ("nonsense", "no predictor"),
        ("Imposter", "no predictor"),
    ):
        assert re.match(
            rf"The plug-in '{title}' of made_up_plugin .*{words}.*; update or uninstall made_up_plugin\.$",
            reasons[title],
        )
    assert "secret" not in " ".join(reasons.values())


def test_a_name_that_is_taken_is_refused(tmp_path, monkeypatch):
    code, entry = example()
    install(tmp_path, monkeypatch, "snow_sense", code, [f"one = {entry}", f"two = {entry}"])
    first, second = plugin_predictors()
    assert first.record.name == "snow_sense"
    assert isinstance(second, BrokenPlugin)
    with pytest.raises(PredictorError, match="which another predictor is called"):
        second.predict(grey_photo())
    assert all(isinstance(each, BrokenPlugin) for each in plugin_predictors(taken=["snow_sense"]))


def test_no_plugin_is_no_predictor():
    assert plugin_predictors(found=[]) == ()
