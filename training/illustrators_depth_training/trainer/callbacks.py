"""Lightning callbacks: averaged weights, atomic checkpoints, previews."""

# ruff: noqa: ARG002 - the hooks' signatures are Lightning's

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import lightning as L
import numpy as np
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor

from illustrators_depth.errors import InputError

from ..evaluation.contact_sheet import contact_sheet

__all__ = [
    "AtomicCheckpointIO",
    "AveragedWeights",
    "Previews",
    "TimedCheckpoint",
    "ends_step",
]


class AveragedWeights(L.Callback):
    """Exponential moving average of the network's weights, used for validation and for shipping.

    Saved in the checkpoint under `average`, beside the raw weights that training continues from.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.average: dict[str, Tensor] = {}
        self._raw: dict[str, Tensor] = {}
        self._step = 0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._step = trainer.global_step
        weights = _weights(pl_module)
        if self.average:  # of a checkpoint, which is read into main memory
            self.average = {k: v.to(weights[k].device) for k, v in self.average.items()}
        else:
            self.average = {k: v.detach().clone() for k, v in weights.items()}

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, *args: Any, **kwargs: Any
    ) -> None:
        if trainer.global_step == self._step:
            return  # of several batches whose gradients are accumulated, only the last is a step
        self._step = trainer.global_step
        decay = min(self.decay, (trainer.global_step + 1) / (trainer.global_step + 10))
        with torch.no_grad():
            for name, value in _weights(pl_module).items():
                self.average[name].lerp_(value.to(self.average[name].dtype), 1.0 - decay)

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self.average:
            self._raw = {k: v.detach().clone() for k, v in _weights(pl_module).items()}
            _assign(pl_module, self.average)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self._raw:
            _assign(pl_module, self._raw)
            self._raw = {}

    def state_dict(self) -> dict[str, Any]:
        return {"average": self.average}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.average = {k: v.clone() for k, v in state_dict["average"].items()}


def _weights(pl_module: L.LightningModule) -> Mapping[str, Tensor]:
    network = pl_module.network
    assert isinstance(network, torch.nn.Module)
    return network.state_dict()


def _assign(pl_module: L.LightningModule, values: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, value in _weights(pl_module).items():
            value.copy_(values[name])


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place and moves it there, so that a full disk or a kill
    leaves the old one intact."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as stream:
                torch.save(checkpoint, stream)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(target)
        except (OSError, RuntimeError) as error:
            partial.unlink(missing_ok=True)
            raise InputError(
                f"The checkpoint {target.name} could not be written ({error}); the previous one is "
                "intact. Free some disk space and resume."
            ) from error


def ends_step(trainer: L.Trainer, batch: int) -> bool:
    """Whether the gradients of a step are complete with this batch."""
    return (batch + 1) % trainer.accumulate_grad_batches == 0


class TimedCheckpoint(ModelCheckpoint):
    """Saves by the clock, but only where a step is complete.

    Within a step whose gradients are still being accumulated, a resumed run would take the rest
    for a whole one.
    """

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        if ends_step(trainer, batch_idx):
            super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)


class Previews(L.Callback):
    """Writes a sheet of picture / truth / prediction after each validation."""

    def __init__(self, folder: Path, pictures: int = 24) -> None:
        self.folder, self.pictures = folder, pictures
        self._rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def on_validation_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: dict[str, Tensor],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if len(self._rows) >= self.pictures or not trainer.is_global_zero:
            return
        with torch.no_grad():
            prediction = pl_module(batch["rgb"].float() / 255.0).float().cpu().numpy()
        for i in range(len(prediction)):
            rgb = batch["rgb"][i].permute(1, 2, 0).cpu().numpy()
            self._rows.append((rgb, batch["index"][i].cpu().numpy(), prediction[i]))

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self._rows and trainer.is_global_zero and not trainer.sanity_checking:
            self.folder.mkdir(parents=True, exist_ok=True)
            sheet = contact_sheet(self._rows[: self.pictures])
            path = self.folder / f"step-{trainer.global_step:07d}.png"
            cv2.imwrite(str(path), sheet[..., ::-1])
        self._rows = []
