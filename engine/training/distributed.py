"""Several processes that train one network: who this one is, and the few things that they say to each other.

``torchrun`` sets RANK, WORLD_SIZE and LOCAL_RANK; without them there is one process. NCCL joins CUDA devices, gloo
everything else. Knows no network.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from engine.errors import InputError
from engine.typing import FloatArray

PATIENCE = timedelta(hours=12)
"""How long processes wait while the first one opens the photos."""


@dataclass(frozen=True)
class Group:
    """The processes of a training.

    Attributes:
        rank: number of this process, 0 is the one that writes files.
        size: number of processes.
        device: torch's name of this process's device.
    """

    rank: int = 0
    size: int = 1
    device: str = "cpu"

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and talks to the user."""
        return self.rank == 0

    @property
    def on_cuda(self) -> bool:
        """Whether it computes on a CUDA device."""
        return self.device.startswith("cuda")

    def wait(self) -> None:
        """Return when every process is here."""
        if self.size > 1:
            import torch.distributed as dist

            dist.barrier()

    def all_sum(self, values: FloatArray) -> FloatArray:
        """The sum of everybody's values, the same in every process."""
        if self.size == 1:
            return values
        import torch
        import torch.distributed as dist

        tensor = torch.from_numpy(np.array(values, np.float64)).to(self.device)
        dist.all_reduce(tensor)
        return np.asarray(tensor.cpu().numpy(), np.float64)


@contextmanager
def join_group(device: str | None = None) -> Iterator[Group]:
    """The group that this process belongs to, for as long as it trains.

    Args:
        device: ``cpu``, ``cuda`` or ``mps``; the best one here when None. With several processes each takes the CUDA
            device of its LOCAL_RANK.

    Raises:
        InputError: there is no such device here.
    """
    import torch

    from engine.networks.backbones import device_and_dtype

    rank, size, local = (int(os.environ.get(name, default)) for name, default in _ENVIRONMENT)
    chosen = device_and_dtype(device).name
    if size == 1:
        yield Group(0, 1, chosen)
        return
    if chosen.startswith("cuda"):
        if local >= torch.cuda.device_count():
            raise InputError(
                f"Process {local} has no CUDA device of its own among {torch.cuda.device_count()}; start as many "
                "processes as there are devices, or choose --device cpu."
            )
        chosen = f"cuda:{local}"
        torch.cuda.set_device(chosen)
    torch.distributed.init_process_group("nccl" if chosen.startswith("cuda") else "gloo", timeout=PATIENCE)
    try:
        yield Group(rank, size, chosen)
    finally:
        torch.distributed.destroy_process_group()


_ENVIRONMENT = (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
