"""A run's losses on disk, written without waiting for the device."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from illustrators_depth.io.atomic import atomic_path

from .meter import synchronize
from .state import RunState, check_finite

__all__ = ["LossLog"]

_STEPS_PER_ROW = 20
_HEADER = "step,samples,loss,rate\n"


class LossLog:
    """`log.csv`: the mean loss of every few steps, with the samples seen and the learning rate.

    A row is written when the next one is complete: its mean has then long arrived, while to ask for
    it at once would let the device run out of work.
    """

    def __init__(self, path: Path, state: RunState) -> None:
        """Go on with a file; rows of steps after those of `state`, which were lost, are removed."""
        self._path, self._state = path, state
        self._losses: list[Tensor] = []
        self._sent: tuple[Tensor, str] | None = None
        if path.is_file():
            rows = path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
            kept = [row for row in rows if int(row.partition(",")[0]) <= state.step]
            with atomic_path(path, overwrite=True) as partial:
                partial.write_text(_HEADER + "".join(kept), encoding="utf-8")

    def add(self, loss: Tensor) -> None:
        """Note the loss of a step that was just done, a scalar on the device.

        Raises InputError when losses of one or two rows before are not finite.
        """
        self._losses.append(loss)
        if len(self._losses) < _STEPS_PER_ROW:
            return
        self._write()
        self._send()

    def flush(self) -> None:
        """Wait for the device and write what there is; raises InputError where it is not finite."""
        if self._losses:
            device = self._losses[0].device
            self._write()
            self._send()
            synchronize(device)
        self._write()

    def _send(self) -> None:
        mean = torch.stack(self._losses).mean()
        rate = self._state.optimizer.param_groups[0]["lr"]
        row = f"{self._state.step},{self._state.samples},{{:.5f}},{rate:.6g}\n"
        self._sent, self._losses = (mean.to("cpu", non_blocking=True), row), []

    def _write(self) -> None:
        if self._sent is None:
            return
        mean, row = self._sent
        self._sent = None
        check_finite(mean, "loss", int(row.partition(",")[0]))
        with self._path.open("a", encoding="utf-8") as file:
            if file.tell() == 0:
                file.write(_HEADER)
            file.write(row.format(float(mean)))
