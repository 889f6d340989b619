"""How long work reports how far it is, and how it is told to stop. Knows no screen."""

from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1; raising from it cancels the work."""


@dataclass(frozen=True)
class Part:
    """A share of a longer piece of work, so that stages need not know each other."""

    report: Report | None
    what: str
    start: float
    stop: float

    def __call__(self, share: float) -> None:
        """Tell the whole how far this part is."""
        if self.report is not None:
            self.report(self.what, self.start + (self.stop - self.start) * share)
