"""A run of so many minutes: it learns its speed, and lays the schedule into what is left."""

# ruff: noqa: ARG002 - the hooks' signatures are Lightning's

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightning as L

from illustrators_depth.errors import InputError

from .module import DepthModule

__all__ = ["TimeBox", "TimeReport"]

# Seconds of training, after the first step, by which the speed is known; at most this share.
_CALIBRATION_SECONDS, _CALIBRATION_SHARE = 20.0, 0.1
# Kept at the end to save, export and measure: seconds, and at most this share.
_RESERVE_SECONDS, _RESERVE_SHARE = 60.0, 0.15


@dataclass(frozen=True)
class TimeReport:
    """What a run did: steps, samples a second, share of the time that it waited for samples."""

    steps: int
    samples_per_second: float
    waiting_share: float

    def __str__(self) -> str:
        if math.isnan(self.samples_per_second):
            return f"{self.steps} steps, too few to tell their speed"
        return (
            f"{self.steps} steps, {self.samples_per_second:.1f} samples/s, "
            f"{100 * self.waiting_share:.0f} % of the time waiting for them"
        )


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
        if not minutes > 0:
            raise InputError(f"--minutes must be above 0, not {minutes:g}.")
        seconds = 60.0 * minutes
        self._clock, self._batch = clock, batch
        self._calibration = min(_CALIBRATION_SECONDS, _CALIBRATION_SHARE * seconds)
        self._stop_at = clock() + seconds - min(_RESERVE_SECONDS, _RESERVE_SHARE * seconds)
        self._first: tuple[float, int] | None = None
        self._step_end: float | None = None
        self._last_step, self._waited = 0, 0.0

    def start_again(self, batch: int) -> None:
        """Forget the speed, since steps are of another size now; the time goes on."""
        self._batch, self._first, self._step_end, self._waited = batch, None, None, 0.0

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Count the time since the last step's end as waiting for samples."""
        if self._step_end is not None:
            self._waited += self._clock() - self._step_end

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
        now, step = self._clock(), trainer.global_step
        self._step_end, self._last_step = now, step
        if self._first is None:  # the first step compiles, allocates and fills the loader
            self._first = now, step
        elif now - self._first[0] >= self._calibration and step > self._first[1]:
            seconds_a_step = (now - self._first[0]) / (step - self._first[1])
            left = max(0.0, self._stop_at - now)
            pl_module.steps = max(1, step + int(left / seconds_a_step))
            trainer.fit_loop.epoch_loop.max_steps = pl_module.steps
        if now >= self._stop_at:
            trainer.should_stop = True

    def report(self) -> TimeReport:
        """What was done since the first step."""
        if self._first is None or self._step_end is None or self._last_step == self._first[1]:
            return TimeReport(self._last_step, float("nan"), float("nan"))
        seconds = self._step_end - self._first[0]
        samples = (self._last_step - self._first[1]) * self._batch
        return TimeReport(self._last_step, samples / seconds, self._waited / seconds)
