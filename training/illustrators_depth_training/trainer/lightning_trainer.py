"""Lightning's trainer for a run: where it logs, saves and previews, and in what precision."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from illustrators_depth.errors import InputError

from ..hardware import fast_bfloat16
from .callbacks import AtomicCheckpointIO, AveragedWeights, Previews, TimedCheckpoint
from .config import TrainConfig
from .signals import StopOnSignal

__all__ = ["choose_precision", "make_trainer"]


def make_trainer(config: TrainConfig, out: Path, quiet: bool = False) -> L.Trainer:
    """A Lightning trainer that logs, checkpoints and previews under `out`."""
    checkpoints = TimedCheckpoint(
        dirpath=out / "checkpoints",
        filename="step-{step:07d}",
        auto_insert_metric_name=False,
        train_time_interval=timedelta(minutes=config.checkpoint_minutes),
        save_last=True,
        save_top_k=1,
        # Else a resumed run writes last-v1.ckpt and the next resume would start from the old one.
        enable_version_counter=False,
    )
    best = ModelCheckpoint(
        dirpath=out / "checkpoints",
        filename="best",
        monitor="val/order",
        mode="max",
        enable_version_counter=False,
    )
    settings: dict[str, Any] = {
        "default_root_dir": out,
        "accelerator": config.accelerator,
        "devices": config.devices,
        "num_nodes": config.nodes,
        "strategy": config.strategy,
        "precision": choose_precision(config.precision, config.accelerator),
        "max_steps": config.steps,
        "max_epochs": -1,
        "accumulate_grad_batches": config.accumulate,
        "gradient_clip_val": config.clip or None,
        "val_check_interval": config.validate_every * config.accumulate,
        "check_val_every_n_epoch": None,
        "num_sanity_val_steps": 0,
        "log_every_n_steps": max(1, min(20, config.steps // 4)),
        "use_distributed_sampler": False,
        "plugins": [AtomicCheckpointIO()],
        "logger": [
            TensorBoardLogger(out, name="tensorboard", version=""),
            CSVLogger(out, name="csv"),
        ],
        "callbacks": [
            AveragedWeights(config.average),
            checkpoints,
            best,
            Previews(out / "previews"),
            StopOnSignal(),
            LearningRateMonitor("step"),
        ],
        "enable_progress_bar": not quiet,
        "enable_model_summary": False,
    }
    try:
        return L.Trainer(**settings)
    except (MisconfigurationException, ValueError) as error:
        raise InputError(
            "Lightning refuses accelerator, devices, nodes, strategy or precision: "
            f"{str(error).splitlines()[0]}"
        ) from error


def choose_precision(precision: str, accelerator: str) -> str:
    """bf16 where the hardware that will be used is fast at it, else float32."""
    if precision != "auto":
        return precision
    if accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        # Older GPUs emulate it, many times slower than they do float16.
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16-mixed" if native else "16-mixed"
    if accelerator in ("auto", "gpu", "mps") and torch.backends.mps.is_available():
        return "32-true"
    return "bf16-mixed" if fast_bfloat16() else "32-true"
