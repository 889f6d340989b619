"""Work that outlives a page: fetching and verifying models in threads of this server, seen by every session.

A page starts a job and polls it; switching pages or closing the tab leaves it running, and a second press finds the one
that runs. Draws nothing. A server that stops ends its jobs; a download keeps what it has on disk, and the next one
resumes from there.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import HereaboutsError

_log = logging.getLogger(__name__)
SETTLING_S = 2.0
"""A speed is told only after so long: before, it says more about the buffers on the way than about the line."""


class State(StrEnum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass
class Job:
    """One piece of work; written by its thread, read by pages.

    Attributes:
        name: what it works on, unique among running jobs.
        title: what it does, for people.
        state: how it stands.
        what: what is coming at the moment.
        done, total: units done and about how many there will be; total 0 while nobody knows.
        sentence: what came of it, for people; empty while it runs and when all went well.
    """

    name: str
    title: str
    state: State = State.RUNNING
    what: str = ""
    done: int = 0
    total: int = 0
    sentence: str = ""
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _first: tuple[float, int] | None = field(default=None, repr=False)

    def report(self, what: str, done: int, total: int) -> None:
        """Say how far it is; called by the work."""
        if self._first is None and done > 0:
            self._first = (time.monotonic(), done)
        self.what, self.done, self.total = what, done, total

    def cancelled(self) -> bool:
        """Whether somebody asked it to stop; asked by the work."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask it to stop; it does so within a moment."""
        self._stop.set()

    @property
    def running(self) -> bool:
        """Whether it is still at it."""
        return self.state is State.RUNNING

    @property
    def share(self) -> float:
        """How much of it is done, in [0, 1]."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def per_s(self) -> float | None:
        """Units a second since it started, or None while that says nothing."""
        if self._first is None:
            return None
        start, done = self._first
        seconds = time.monotonic() - start
        return (self.done - done) / seconds if seconds >= SETTLING_S and self.done > done else None


Work = Callable[[Job], str]
"""Does the job: reports to it, asks it whether it was cancelled, gives a sentence for people (empty: all went well)."""


class Jobs:
    """The jobs of one server. Safe to use from several threads at once."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, name: str, title: str, work: Work) -> Job:
        """Start a job in a thread of its own, unless one of that name runs: then that one."""
        with self._lock:
            known = self._jobs.get(name)
            if known is not None and known.running:
                return known
            job = self._jobs[name] = Job(name, title)
        threading.Thread(target=_run, args=(job, work), name=f"job {name}", daemon=True).start()
        return job

    def job(self, name: str) -> Job | None:
        """The last job of that name, running or over; None when there was none or it was dismissed."""
        with self._lock:
            return self._jobs.get(name)

    def dismiss(self, name: str) -> None:
        """Forget a job that is over."""
        with self._lock:
            if name in self._jobs and not self._jobs[name].running:
                del self._jobs[name]


JOBS = Jobs()
"""Those of this server: Streamlit imports this module once for all sessions."""


def _run(job: Job, work: Work) -> None:
    """The work in its thread; whatever happens ends in a state and a sentence."""
    try:
        job.sentence = work(job)
        state = State.DONE
    except HereaboutsError as error:
        job.sentence = str(error)
        state = State.STOPPED if job.cancelled() else State.FAILED
    except Exception:  # noqa: BLE001 - a thread must end in a sentence, never in silence
        _log.exception("%s failed", job.title)
        job.sentence = f"{job.title} failed unexpectedly. Try again; if it fails again, see the log."
        state = State.FAILED
    job.state = state
