"""Reads signs in a process of its own: it can be ended at any moment, and its memory goes back when it is.

``WorkerReader`` starts ``python -m engine.signs.worker`` when the first photo comes, sends photos through a pipe and
hears lines of JSON. The process ends when it is cancelled, when nothing came for a while, and with this one. Whatever
happens to it - a crash in native code, too little memory - costs one sentence here.
"""

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.errors import HereaboutsError, SignsError
from engine.progress import Report
from engine.signs.lines import Box, ReadText, TextLine
from engine.signs.ppocr import LONGEST_SIDE, PpOcrReader
from engine.signs.reader import Cancelled, Pixels, TextReader

IDLE_S = 30.0
"""Seconds without a photo after which the process ends; the next photo starts it again in about two."""

LONGEST_S = 180.0
"""Seconds that one photo may take before the process is ended."""

MOST_MEMORY = 3_000_000_000
"""Bytes of address space for data that the process may take, where the system can hold it to that (Linux)."""

THREADS = 2
"""Threads that read; more take the page's share on small machines."""

COMMAND = (sys.executable, "-m", "engine.signs.worker")
"""Starts the process."""

_LOOK_S = 0.1


class WorkerReader:
    """A ``TextReader`` in a process of its own; safe to use from several threads, which wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._idle: threading.Timer | None = None
        atexit.register(self.close)

    def read(self, pixels: Pixels, report: Report | None = None, cancelled: Cancelled | None = None) -> ReadText:
        """See ``reader.TextReader``."""
        with self._lock:
            self._keep()
            try:
                process = self._started()
                process.send(_shrunk(pixels))
                found = process.result(report, cancelled)
            except BaseException:
                self._end()
                raise
            self._idle = threading.Timer(IDLE_S, self.close)
            self._idle.daemon = True
            self._idle.start()
            return found

    def close(self) -> None:
        """End the process if there is one; the next photo starts another."""
        with self._lock:
            self._keep()
            self._end()

    @property
    def pid(self) -> int | None:
        """Of the process, or None while there is none."""
        return None if self._process is None else self._process.pid

    def _started(self) -> "_Process":
        if self._process is None or not self._process.alive:
            self._end()
            self._process = _Process()
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None

    def _keep(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class _Process:
    """One process and the thread that hears it."""

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        try:
            self._running = subprocess.Popen(  # noqa: S603 - this very program
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path, "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": str(THREADS)},
            )  # fmt: skip
        except OSError as error:
            raise SignsError(
                "The process that reads signs could not be started; close other programs and try again."
            ) from error
        self._heard: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._hear, name="signs", daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._running.poll() is None

    @property
    def pid(self) -> int:
        return self._running.pid

    def send(self, pixels: Pixels) -> None:
        """Give it one photo."""
        assert self._running.stdin is not None  # noqa: S101 - asked for above
        try:
            write_photo(self._running.stdin, pixels)
        except (OSError, ValueError) as error:
            raise _died() from error

    def result(self, report: Report | None, cancelled: Cancelled | None) -> ReadText:
        """Wait for what it found."""
        end = time.monotonic() + LONGEST_S
        while True:
            message = self._message()
            if message is not None and "lines" in message:
                return text_from_json(message)
            if message is not None and "error" in message:
                raise SignsError(str(message["error"]))
            if message is not None and report is not None:
                report(str(message["what"]), float(message["share"]))
            if cancelled is not None and cancelled():
                raise SignsError("Reading signs was stopped; start it again to read the photo.")
            if time.monotonic() > end:
                raise SignsError(f"Reading signs was ended after {LONGEST_S:.0f} s; crop the photo and try again.")

    def end(self) -> None:
        """End it at once."""
        self._running.kill()
        self._running.wait()
        for pipe in (self._running.stdin, self._running.stdout):
            if pipe is not None:
                _close(pipe)

    def _message(self) -> dict[str, Any] | None:
        """The next message, or None when there is none within a moment."""
        try:
            line = self._heard.get(timeout=_LOOK_S)
        except queue.Empty:
            return None
        if line is None:
            raise _died()
        message: dict[str, Any] = json.loads(line)
        return message

    def _hear(self) -> None:
        assert self._running.stdout is not None  # noqa: S101 - asked for above
        with contextlib.suppress(OSError, ValueError):  # closed while it was read
            for line in self._running.stdout:
                self._heard.put(line)
        self._heard.put(None)


def _close(pipe: Any) -> None:
    with contextlib.suppress(OSError):  # its other end is gone: nothing is lost
        pipe.close()


def _died() -> SignsError:
    return SignsError("The process that reads signs ended, perhaps for lack of memory; close other programs and retry.")


def write_photo(sink: Any, pixels: Pixels) -> None:
    """One photo: its size as a line of JSON, then its bytes."""
    rows, columns = pixels.shape[:2]
    sink.write(json.dumps({"rows": rows, "columns": columns}).encode() + b"\n")
    sink.write(np.ascontiguousarray(pixels).data)
    sink.flush()


def read_photo(source: BinaryIO) -> Pixels | None:
    """What ``write_photo`` wrote, or None at the end."""
    line = source.readline()
    if not line:
        return None
    size = json.loads(line)
    count = size["rows"] * size["columns"] * 3
    data = source.read(count)
    return np.frombuffer(data, np.uint8).reshape(size["rows"], size["columns"], 3) if len(data) == count else None


def text_to_json(read: ReadText) -> dict[str, Any]:
    """As plain values for ``json.dumps``."""
    return asdict(read)


def text_from_json(values: Mapping[str, Any]) -> ReadText:
    """What ``text_to_json`` gave."""
    lines, unread = (tuple(_line(line) for line in values[name]) for name in ("lines", "unread"))
    return ReadText(lines, unread, tuple(values["notes"]))


def _line(values: Mapping[str, Any]) -> TextLine:
    return TextLine(**{**values, "box": Box(**values["box"])})


def _shrunk(pixels: Pixels) -> Pixels:
    """At most ``LONGEST_SIDE`` on the longer side, so that no more than is looked at goes through the pipe."""
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def serve(source: BinaryIO, sink: BinaryIO, reader: TextReader) -> None:
    """Read photos until there are no more; every answer is a line of JSON.

    Args:
        source: photos as ``write_photo`` writes them.
        sink: hears ``{"what", "share"}`` while it reads, then ``{"lines", "unread", "notes"}`` or ``{"error"}``.
        reader: reads them.
    """
    while (pixels := read_photo(source)) is not None:
        try:
            answer = text_to_json(reader.read(pixels, lambda what, share: _tell(sink, {"what": what, "share": share})))
        except HereaboutsError as error:
            answer = {"error": str(error)}
        except MemoryError:
            answer = {"error": "There is too little memory to read signs; close other programs and try again."}
        _tell(sink, answer)
        _give_back_memory()


def _give_back_memory() -> None:
    """Give freed memory back to the system: glibc keeps a few hundred MB of it otherwise."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # a libc that is not glibc
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def _tell(sink: BinaryIO, message: Mapping[str, Any]) -> None:
    sink.write(json.dumps(message).encode() + b"\n")
    sink.flush()


def _hold_memory() -> None:
    """Hold this process to its share of memory where the system can."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


def main() -> None:
    """The process itself: answers go to the pipe, whatever libraries print goes nowhere."""
    _hold_memory()
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, sink, PpOcrReader(THREADS))


if __name__ == "__main__":
    main()
