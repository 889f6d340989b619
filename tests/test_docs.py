"""The README keeps its word: its Python runs, its commands exist, its pictures and links are there."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from engine.cli.lazy import DeferredCommand
from engine.cli.main import app
from engine.photos.photo import open_photo

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_runs(real_world, kauai, monkeypatch, capsys, tmp_path):
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in snippet.splitlines() if line]) == 5
    (tmp_path / "photo.jpg").write_bytes(kauai.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet, "README.md", "exec"), {})  # noqa: S102 - the snippet is ours
    area, probability, parts = capsys.readouterr().out.split()[:3]
    assert float(area) == pytest.approx(250_000, rel=1e-3)
    assert 0 < float(probability) < 1
    assert int(parts) >= 1
    assert open_photo(tmp_path / "photo.jpg").width > 0


def test_the_python_of_the_evidence_guide_runs(real_world, capsys):
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(snippet, "evidence.md", "exec"), {})  # noqa: S102 - the snippet is ours
    assert 1e5 < float(capsys.readouterr().out) < 1e8


def imported(command):
    """A command whose module is imported, where that is left until it is called."""
    return command.load() if isinstance(command, DeferredCommand) else command


def test_every_command_of_the_readme_exists():
    command = get_command(app)
    for line in re.findall(r"^\$ (?:uv run )?hereabouts ?(.*)$", README, re.MULTILINE):
        words = line.split("#")[0].split()
        found = command
        while words and hasattr(found, "commands") and words[0] in found.commands:
            found = imported(found.commands[words.pop(0)])
        options = {name for parameter in found.params for name in parameter.opts}
        assert all(word in options for word in words if word.startswith("--")), line
        assert found is not command or not words, line


def test_what_the_documents_point_at_is_there():
    for document in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (ROOT / target).exists(), f"{document.name} points at {target}"


def test_every_command_and_option_is_described():
    def walk(command, name):
        assert command.help, name
        for parameter in command.params:
            described = getattr(parameter, "help", None) or getattr(parameter, "hidden", False)
            assert described or parameter.name in {"install_completion", "show_completion"}, (name, parameter.name)
        for child_name, child in getattr(command, "commands", {}).items():
            walk(imported(child), f"{name} {child_name}")

    walk(get_command(app), "hereabouts")
