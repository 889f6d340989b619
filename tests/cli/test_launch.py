import sys
import tomllib

import pytest

from engine.cli import launch
from engine.errors import ArtifactError
from engine.geometry.grid import Grid


def test_the_command_starts_the_dashboard_of_this_checkout():
    command = launch.dashboard_command(8601, browser=False)
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert command[4].endswith("app.py")
    assert command[5:] == ["--server.port=8601", "--server.headless=true"]


def test_the_settings_keep_everything_on_this_machine():
    settings = tomllib.loads((launch.settings_folder() / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["enableXsrfProtection"] is True


def test_a_missing_dashboard_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    with pytest.raises(ArtifactError, match="install Hereabouts again"):
        launch.dashboard_command(8601, browser=True)
    with pytest.raises(ArtifactError, match="install Hereabouts again"):
        launch.settings_folder()


def test_the_grid_reaches_the_dashboard(monkeypatch):
    environment = launch.dashboard_environment(Grid(1080, 2160))
    monkeypatch.setenv(launch.GRID, environment[launch.GRID])
    assert launch.dashboard_grid() == Grid(1080, 2160)
    monkeypatch.delenv(launch.GRID)
    assert launch.dashboard_grid() == Grid()


def test_the_server_can_import_the_project():
    assert str(launch.ROOT) in launch.dashboard_environment()["PYTHONPATH"]
