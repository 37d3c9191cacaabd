"""A run of so many minutes in Lightning: the schedule follows the clock."""

# ruff: noqa: ARG002 - the hooks' signatures are Lightning's

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import lightning as L

from ..learning.time_plan import TimePlan, TimeReport
from .module import DepthModule

__all__ = ["TimeBox", "TimeReport"]


class TimeBox(L.Callback):
    """Ends training in time, with its learning rate come down.

    The clock starts when it is made. Once the speed is known the number of steps is set so that
    the schedule ends with the box, and set again after every step, since speed changes.
    """

    def __init__(
        self, minutes: float, batch: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin a box of so many minutes; `batch` samples a step, over all processes.

        Raises InputError unless minutes is above 0.
        """
        self._plan = TimePlan(minutes, batch, clock)

    def start_again(self, batch: int) -> None:
        """Forget the speed, since steps are of another size now; the time goes on."""
        self._plan.start_again(batch)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Count the time since the last step's end as waiting for samples."""
        self._plan.begin_step()

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Lay the steps that are left into the time that is left."""
        assert isinstance(pl_module, DepthModule)
        steps = self._plan.end_step(trainer.global_step)
        if steps is not None:
            pl_module.steps = steps
            trainer.fit_loop.epoch_loop.max_steps = steps
        if self._plan.must_stop:
            trainer.should_stop = True

    def report(self) -> TimeReport:
        """What was done since the first step."""
        return self._plan.report()
