"""The training step as a LightningModule: loss, optimiser groups, schedule, guard against NaN."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import lightning as L
import torch
from lightning.pytorch.strategies import Strategy
from torch import Tensor, nn

from illustrators_depth.errors import InputError

from ..evaluation.metrics import DepthMetrics, depth_metrics
from ..learning.losses import LossWeights
from ..learning.optimizer import OptimizerConfig, learning_rate_factor, make_optimizer
from ..learning.training_loss import training_loss
from ..samples.region_tokens import paint_regions, region_batch

__all__ = ["DepthModule", "OptimizerConfig", "learning_rate_factor"]


@dataclass
class _RunningMeans:
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        if math.isfinite(value):
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def means(self, strategy: Strategy) -> dict[str, float]:
        """Means over the pictures of all ranks, the same on each of them."""
        names = [f.name for f in fields(DepthMetrics)]
        totals = torch.tensor(
            [[kind.get(name, 0.0) for name in names] for kind in (self.sums, self.counts)],
            dtype=torch.float32,
            device=strategy.root_device,
        )
        sums, counts = strategy.reduce(totals, reduce_op="sum").tolist()
        return {
            name: total / count
            for name, total, count in zip(names, sums, counts, strict=True)
            if count
        }


class DepthModule(L.LightningModule):
    """Trains any network that maps rgb (B, 3, H, W) in 0..1 to depth (B, H, W).

    The network's `encoder` attribute, if it has one, gets the encoder's learning rate. `regions`
    says that batches carry tokens for the network's region stage, which is else left as it is.
    """

    def __init__(
        self,
        network: nn.Module,
        weights: LossWeights,
        optimizer: OptimizerConfig,
        steps: int,
        regions: bool = False,
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.weights, self.optimizer_config, self.steps = weights, optimizer, steps
        stage = getattr(network, "regions", None)
        if stage is not None and not regions:
            # Batches without tokens never reach it, and DDP waits for gradients of all that train.
            stage.requires_grad_(False)
        self._validation = _RunningMeans()

    def forward(self, rgb: Tensor) -> Tensor:
        out: Tensor = self.network(rgb)
        return out

    def on_train_start(self) -> None:
        """Put the config's rates in place of those that a checkpoint brought with its state."""
        optimizer, schedule = self.optimizers(use_pl_optimizer=False), self.lr_schedulers()
        assert isinstance(optimizer, torch.optim.Optimizer)
        assert isinstance(schedule, torch.optim.lr_scheduler.LambdaLR)
        schedule.base_lrs = [settings["initial_lr"] for settings in self._settings]
        factor = learning_rate_factor(schedule.last_epoch, self.steps, self.optimizer_config)
        for group, settings in zip(optimizer.param_groups, self._settings, strict=True):
            group.update(settings, lr=settings["initial_lr"] * factor)

    def training_step(self, batch: dict[str, Tensor], _index: int) -> Tensor:
        total, terms = training_loss(self.network, batch, self.weights)
        if not torch.isfinite(total):
            raise InputError(
                f"The loss became {float(total)} at step {self.global_step}; training stopped and "
                "the last checkpoint is intact. Lower the learning rate and resume from it."
            )
        self.log_dict({f"train/{k}": v for k, v in terms.items()}, batch_size=len(batch["rgb"]))
        self.log("train/loss", total, prog_bar=True, batch_size=len(batch["rgb"]))
        return total

    def on_validation_epoch_start(self) -> None:
        self._validation = _RunningMeans()

    def validation_step(self, batch: dict[str, Tensor], _index: int) -> None:
        number = int(batch["number"])
        if number < 0:
            return  # only fills up this rank's share
        rgb = (batch["rgb"].float() / 255.0).contiguous(memory_format=torch.channels_last)
        if "cover" in batch:
            dense, values = self.network.with_regions(rgb, region_batch(batch))
            out = paint_regions(dense, values.float(), batch["token"])
        else:
            out = self(rgb)
        prediction = out.float().cpu().numpy()
        truth = batch["index"].cpu().numpy()
        for i in range(len(truth)):
            metrics = depth_metrics(prediction[i], truth[i], seed=number * 1000 + i)
            for name, value in metrics.to_dict().items():
                self._validation.add(name, value)

    def on_validation_epoch_end(self) -> None:
        for name, value in self._validation.means(self.trainer.strategy).items():
            self.log(f"val/{name}", value, prog_bar=name == "order")

    def configure_optimizers(self) -> Any:
        config = self.optimizer_config
        optimizer = make_optimizer(self.network, config)
        self._settings = [
            {"initial_lr": g["lr"], "weight_decay": g["weight_decay"], "betas": config.betas}
            for g in optimizer.param_groups
        ]
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: learning_rate_factor(step, self.steps, config)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
