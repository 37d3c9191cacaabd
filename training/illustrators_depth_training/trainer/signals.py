"""An orderly stop: what SIGTERM and Ctrl-C do to a run and to its loader workers."""

# ruff: noqa: ARG002 - the hooks' signatures are Lightning's

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

import lightning as L

from .callbacks import ends_step

__all__ = ["StopOnSignal", "leave_signals_to_parent", "signals_held"]

_Handlers = dict[signal.Signals, Any]


def leave_signals_to_parent(_worker: int) -> None:
    """For loader workers: a group's SIGTERM or SIGINT must not take them before their run is saved.

    Job schedulers signal every process of a run, and a terminal's interrupt reaches them all; the
    run would die of its worker. A worker ends by itself when its run does.
    """
    _set_handlers(signal.SIG_IGN)


def _set_handlers(handler: Any) -> _Handlers:
    """Handle SIGTERM and Ctrl-C so, and say how they were; a thread can do neither."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}


def _restore_handlers(before: _Handlers) -> None:
    for number, handler in before.items():
        signal.signal(number, handler)


class StopOnSignal(L.Callback):
    """On SIGTERM or Ctrl-C, finish the step, and let the run save its state and end.

    A second Ctrl-C ends it at once. With several processes all of them end after the same step,
    whichever was signalled and whenever; else those that go on would wait for ever for the
    gradients of those that stopped.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: _Handlers = {}

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        def stop(number: int, _frame: object) -> None:
            self.asked = True
            if number == signal.SIGINT:
                signal.signal(signal.SIGINT, signal.default_int_handler)

        self._before = _set_handlers(stop)

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        if not ends_step(trainer, batch_idx):
            return
        if trainer.strategy.reduce_boolean_decision(self.asked, all=False):
            trainer.should_stop = True
            # A last validation would take longer than a scheduler waits before it kills.
            trainer.limit_val_batches = 0

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._restore()

    def on_exception(
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        self._restore()

    def _restore(self) -> None:
        _restore_handlers(self._before)
        self._before = {}


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Ignore SIGTERM and Ctrl-C meanwhile: impatient schedulers send them again while we save."""
    before = _set_handlers(signal.SIG_IGN)
    try:
        yield
    finally:
        _restore_handlers(before)
