"""A command group that imports the module of a verb when that verb is called, so that ``--help`` starts fast."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class DeferredCommand(TyperCommand):
    """Name and help of a verb whose module is not imported yet.

    Attributes:
        target: ``module:attribute``, a ``typer.Typer`` or a function with Typer's annotations.
    """

    def __init__(self, name: str, target: str, help: str) -> None:  # noqa: A002 - the name that typer gives it
        super().__init__(name, help=help)
        self.target = target

    def load(self) -> Any:
        """Import the module; the command that it defines."""
        module, _, attribute = self.target.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return get_command(found)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(self.name)(found)
        return get_command(app)


class LazyGroup(TyperGroup):
    """A group that lists its verbs without importing them.

    Subclasses set ``verbs``: per name the target of a ``DeferredCommand`` and one line of help.
    """

    verbs: Mapping[str, tuple[str, str]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (target, line) in self.verbs.items():
            self.add_command(DeferredCommand(name, target, line))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The verb that the arguments name, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, DeferredCommand) else command, rest
