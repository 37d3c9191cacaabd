"""How well a device is used: floating-point operations of a step, and what the device can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from .step import Batch

__all__ = [
    "DeviceClock",
    "count_operations",
    "matrix_rate",
    "operations_of",
    "synchronize",
]

_MATRIX_SECONDS = 0.5


def count_operations(step: Callable[[], object]) -> float:
    """Multiplications and additions in matrix products, convolutions and attention of one step."""
    with FlopCounterMode(display=False) as counter:
        step()
    return float(counter.get_total_flops())


def operations_of(loss_of: Callable[[Batch], Tensor], batch: Batch) -> float:
    """Operations of a step on a batch, counted on two of its samples and multiplied."""
    few = min(len(batch["rgb"]), 2)
    part = {name: value[:few] for name, value in batch.items()}
    return count_operations(lambda: loss_of(part).backward()) * len(batch["rgb"]) / few


def matrix_rate(device: torch.device, precision: torch.dtype) -> float:
    """Operations a second in large matrix products, which is the most that training can reach."""
    side = 512 if device.type == "cpu" else 8192
    a = torch.randn(side, side, device=device, dtype=precision)
    a @ a
    synchronize(device)
    start, products = time.perf_counter(), 0
    while time.perf_counter() - start < _MATRIX_SECONDS:
        a @ a
        products += 1
        synchronize(device)
    return 2.0 * side**3 * products / (time.perf_counter() - start)


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


class DeviceClock:
    """Tells how long a device trains, makes samples, and stands still between steps.

    On CUDA by events in its queue, which cost nothing; elsewhere by the host's clock. At most two
    steps are under way, so that the host neither runs ahead for minutes nor makes the device wait.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds = {"samples": 0.0, "step": 0.0, "waiting": 0.0}
        self._open: list[list[tuple[str, object]]] = []
        self._current: list[tuple[str, object]] = []

    def mark(self, name: str) -> None:
        """Begin a part of a step: "samples", "step", or "waiting", which ends the step."""
        self._current.append((name, self._now()))
        if name != "waiting":
            return
        self._open.append(self._current)
        self._current = [self._current[-1]]
        while len(self._open) > (2 if self.device.type == "cuda" else 0):
            self._account(self._open.pop(0))

    def finish(self) -> dict[str, float]:
        """The share of each part, of all steps."""
        synchronize(self.device)
        while self._open:
            self._account(self._open.pop(0))
        total = max(sum(self.seconds.values()), 1e-9)
        return {name: seconds / total for name, seconds in self.seconds.items()}

    def _now(self) -> object:
        if self.device.type == "cuda":
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            return event
        synchronize(self.device)
        return time.perf_counter()

    def _account(self, marks: list[tuple[str, object]]) -> None:
        last = marks[-1][1]
        if isinstance(last, torch.cuda.Event):
            last.synchronize()
        for (name, begin), (_next, end) in pairwise(marks):
            if isinstance(begin, torch.cuda.Event) and isinstance(end, torch.cuda.Event):
                self.seconds[name] += begin.elapsed_time(end) / 1e3
            elif isinstance(begin, float) and isinstance(end, float):
                self.seconds[name] += end - begin
