"""Workers for a batch: processes of this machine, or tasks on Ray. Knows neither photos nor rows.

A worker that dies is replaced. What it was working on is tried again item by item; an item that takes a worker down
twice is given up.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from engine.errors import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")
ATTEMPTS = 2


class WorkerOptions(Protocol):
    """Options that say how many workers there are, and where."""

    @property
    def workers(self) -> int:
        """At the same time."""
        ...

    @property
    def address(self) -> str | None:
        """Of a Ray cluster."""
        ...


def run_on_processes(
    items: Sequence[Item],
    options: Any,
    work: Callable[[Sequence[Item], Any], list[Result]],
    lost: Callable[[Item], Result],
    size: int,
) -> Iterator[list[Result]]:
    """Results of chunks of items as they are ready, from processes of this machine."""
    suspects: list[Item] = []
    waiting = [items[start : start + size] for start in range(0, len(items), size)][::-1]
    while waiting:
        with _pool(options.workers) as pool:
            flying: dict[Future[list[Result]], Sequence[Item]] = {}
            broken = False
            while (waiting and not broken) or flying:
                while waiting and not broken and len(flying) < 2 * options.workers:
                    chunk = waiting.pop()
                    flying[pool.submit(work, chunk, options)] = chunk
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    chunk = flying.pop(future)
                    try:
                        yield future.result()
                    except BrokenProcessPool:
                        broken = True
                        suspects.extend(chunk)
    yield from _one_by_one(suspects, options, work, lost)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _one_by_one(
    items: Sequence[Item],
    options: Any,
    work: Callable[[Sequence[Item], Any], list[Result]],
    lost: Callable[[Item], Result],
) -> Iterator[list[Result]]:
    """Items one at a time, so that the one that takes a worker down is known; it had one attempt among the others."""
    waiting = list(items)[::-1]
    while waiting:
        with _pool(1) as pool:
            while waiting:
                item = waiting.pop()
                try:
                    yield pool.submit(work, [item], options).result()
                except BrokenProcessPool:
                    yield [lost(item)]
                    break


def run_on_ray(
    items: Sequence[Item],
    options: Any,
    work: Callable[[Sequence[Item], Any], list[Result]],
    lost: Callable[[Item], Result],
    size: int,
) -> Iterator[list[Result]]:
    """Results of chunks of items as they are ready, from a Ray cluster; Ray itself replaces a worker that dies.

    Raises:
        InputError: Ray is not installed, or there is no cluster at the address.
    """
    ray = _ray()
    started = _connect(ray, options)
    try:
        remote = ray.remote(num_cpus=1, max_retries=ATTEMPTS)(work)
        waiting = [items[start : start + size] for start in range(0, len(items), size)][::-1]
        flying: dict[Any, Sequence[Item]] = {}
        while waiting or flying:
            while waiting and len(flying) < 2 * options.workers:
                chunk = waiting.pop()
                flying[remote.remote(chunk, options)] = chunk
            ready, _ = ray.wait(list(flying), num_returns=1)
            chunk = flying.pop(ready[0])
            try:
                yield ray.get(ready[0])
            except ray.exceptions.WorkerCrashedError:
                if len(chunk) == 1:
                    yield [lost(chunk[0])]
                waiting.extend([item] for item in chunk if len(chunk) > 1)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from error
    finally:
        if started:
            ray.shutdown()


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "Ray is not installed; install it with: pip install 'hereabouts[ray]', or use --engine local."
        ) from error
    return ray


def _connect(ray: Any, options: WorkerOptions) -> bool:
    """Join a cluster or start a local one; whether this call did."""
    if ray.is_initialized():
        return False
    try:
        if options.address:
            ray.init(address=options.address, log_to_driver=False)
        else:
            ray.init(num_cpus=options.workers, include_dashboard=False, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        where = f"at {options.address}" if options.address else "on this machine"
        raise InputError(
            f"No Ray cluster could be reached {where}; check the address or use --engine local."
        ) from error
    return True
