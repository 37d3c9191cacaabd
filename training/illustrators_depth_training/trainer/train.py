"""Runs a training run from its config, or goes on with one; Lightning does the steps."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import cv2
import lightning as L

from illustrators_depth.errors import InputError

from .config import TrainConfig
from .lightning_trainer import make_trainer
from .module import DepthModule
from .networks import make_network
from .resume import changed_settings, remember
from .run_data import RunData
from .signals import signals_held
from .time_box import TimeBox

__all__ = ["LAST", "train"]

LAST = "last.ckpt"


def train(
    config: TrainConfig,
    out: Path,
    resume: bool = True,
    quiet: bool = False,
    box: TimeBox | None = None,
) -> L.Trainer:
    """Run (or continue) a training run under `out`; returns the finished trainer.

    The state is saved every `checkpoint_minutes`, at the end, on SIGTERM and on Ctrl-C. A run that
    was killed outright resumes from its last checkpoint and goes on as if nothing had happened.
    With a `box` it ends in its time, however many steps that are.

    Raises InputError when the run in `out` cannot go on with these settings.
    """
    L.seed_everything(config.seed, verbose=False)
    # OpenCV's threads do not survive the fork of a loader's worker, which then waits for them for
    # ever: none may run in this process by then.
    cv2.setNumThreads(1)
    last = out / "checkpoints" / LAST
    resumed = resume and last.is_file()
    changes = changed_settings(config, out) if resumed else []
    # A resumed run's weights are in its checkpoint; what it once started from may be gone.
    prior = replace(config.network, prior="none") if resumed else config.network
    network = make_network(prior)
    if config.network.compile:
        network.compile()
    module = DepthModule(
        network, config.loss, config.optimizer, config.steps, regions=config.tokens > 0
    )
    trainer = make_trainer(config, out, quiet)
    trainer.callbacks += [box] if box else []  # type: ignore[attr-defined]
    if trainer.is_global_zero:
        if changes:
            print(f"The run in {out} goes on with other settings: {', '.join(changes)}.")
        remember(config, out)
    others = set(multiprocessing.active_children())
    try:
        trainer.fit(
            module,
            datamodule=RunData(config),
            ckpt_path=str(last) if resumed else None,
            weights_only=True,
        )
    except InputError as error:
        # From a loader's worker it comes with that process's traceback in its message.
        said = str(error).strip().splitlines()[-1]
        raise InputError(said.removeprefix(f"{InputError.__module__}.InputError: ")) from error
    finally:
        # Workers ignore SIGTERM, with which Python would end them, and waits for them, at its exit.
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
    with signals_held():
        trainer.save_checkpoint(last)
    if trainer.is_global_zero and box is None and trainer.global_step < config.steps:
        print(f"Stopped and saved at step {trainer.global_step}; the same command goes on.")
    return trainer
