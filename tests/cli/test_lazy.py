"""Verbs are imported when they are called, and the list of verbs says what the verbs say of themselves."""

import subprocess
import sys

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from engine.cli.lazy import DeferredCommand
from engine.cli.main import Verbs, app

HEAVY = ("numpy", "scipy", "rasterio", "shapely", "PIL", "torch", "pyarrow", "httpx", "engine.locate.locator")


@pytest.mark.parametrize("name", Verbs.verbs)
def test_the_list_repeats_the_first_sentence_of_each_verb(name):
    command = get_command(app).commands[name]
    assert isinstance(command, DeferredCommand)
    loaded = command.load()
    assert loaded.help.split("\n\n")[0].replace("\n", " ") == command.help


def test_help_imports_no_verb():
    code = f"""
import sys
from typer.testing import CliRunner
from engine.cli.main import app
done = CliRunner().invoke(app, ["--help"])
assert done.exit_code == 0 and "findable" in done.output, done.output
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_verb_that_does_not_exist_is_refused_with_the_nearest_one():
    done = CliRunner().invoke(app, ["locat"])
    assert done.exit_code == 2
    assert "locate" in done.output


def test_a_verb_explains_itself():
    done = CliRunner().invoke(app, ["evaluate-points", "--help"])
    assert done.exit_code == 0
    assert "--lat-column" in done.output
