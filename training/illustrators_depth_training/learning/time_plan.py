"""So many minutes for a run: how fast it is, how many steps are left, when it must end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from illustrators_depth.errors import InputError

__all__ = ["TimePlan", "TimeReport"]

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


class TimePlan:
    """Lays the steps of a run into the minutes that it has, and again after every step.

    The clock starts when it is made.
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
        self._end_at = clock() + seconds
        self._stop_at = self._end_at - min(_RESERVE_SECONDS, _RESERVE_SHARE * seconds)
        self._first: tuple[float, int] | None = None
        self._step_end: float | None = None
        self._last_step, self._waited = 0, 0.0

    @property
    def seconds_left(self) -> float:
        """Until the minutes are over, what is kept for the end included."""
        return self._end_at - self._clock()

    @property
    def must_stop(self) -> bool:
        """Whether the time for training is over."""
        return self._clock() >= self._stop_at

    def start_again(self, batch: int) -> None:
        """Forget the speed, since steps are of another size now; the time goes on."""
        self._batch, self._first, self._step_end, self._waited = batch, None, None, 0.0

    def begin_step(self) -> None:
        """Count the time since the last step's end as waiting for samples."""
        if self._step_end is not None:
            self._waited += self._clock() - self._step_end

    def end_step(self, step: int) -> int | None:
        """How many steps there will be, `step` done, or None while the speed is not known."""
        now = self._clock()
        self._step_end, self._last_step = now, step
        if self._first is None:  # the first step compiles, allocates and fills the loader
            self._first = now, step
        elif now - self._first[0] >= self._calibration and step > self._first[1]:
            seconds_a_step = (now - self._first[0]) / (step - self._first[1])
            return max(1, step + int(max(0.0, self._stop_at - now) / seconds_a_step))
        return None

    def report(self) -> TimeReport:
        """What was done since the first step."""
        if self._first is None or self._step_end is None or self._last_step == self._first[1]:
            return TimeReport(self._last_step, float("nan"), float("nan"))
        seconds = self._step_end - self._first[0]
        samples = (self._last_step - self._first[1]) * self._batch
        return TimeReport(self._last_step, samples / seconds, self._waited / seconds)
