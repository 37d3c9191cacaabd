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

from .losses import LossWeights, depth_loss
from .metrics import DepthMetrics, depth_metrics
from .muon import MuonAdamW
from .region_tokens import paint_regions, region_batch

__all__ = ["DepthModule", "OptimizerConfig", "learning_rate_factor"]

# With a region stage the dense map is a means to an end, but edges and thin strokes live in it.
_DENSE_SHARE = 0.5


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW, or Muon for the matrices, with two learning rates and one schedule.

    Attributes:
        kind: "adamw", or "muon" (see `muon`).
        lr: peak learning rate of decoder and head.
        encoder_lr: peak learning rate of the pretrained encoder.
        weight_decay: on weight matrices only, not on biases and norms.
        warmup: steps of linear warm-up.
        schedule: "cosine" to zero at `steps`; or "trapezoid": constant, then cosine from
            `decay_from` to `steps` (a constant trunk from which several annealed legs can branch).
        decay_from: step at which the trapezoid starts to fall.
        floor: the final learning rate as a share of the peak.
    """

    kind: str = "adamw"
    lr: float = 1e-3
    encoder_lr: float = 3e-4
    weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.99)
    warmup: int = 200
    schedule: str = "cosine"
    decay_from: int = 0
    floor: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in ("adamw", "muon"):
            raise InputError(f"optimizer.kind must be adamw or muon, not {self.kind!r}.")
        if self.schedule not in ("cosine", "trapezoid"):
            raise InputError(
                f"optimizer.schedule must be cosine or trapezoid, not {self.schedule!r}."
            )
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise InputError(f"optimizer.betas must be two numbers from 0 to 1, not {self.betas}.")


def learning_rate_factor(step: int, steps: int, config: OptimizerConfig) -> float:
    """The share of the peak learning rate at `step` of `steps`."""
    rise = min(1.0, (step + 1) / max(1, config.warmup))
    start = config.decay_from if config.schedule == "trapezoid" else config.warmup
    if step <= start:
        return rise
    done = min(1.0, (step - start) / max(1, steps - start))
    return rise * (config.floor + (1 - config.floor) * 0.5 * (1 + math.cos(math.pi * done)))


@dataclass
class _Running:
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
        self._validation = _Running()

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
        rgb = (batch["rgb"].float() / 255.0).contiguous(memory_format=torch.channels_last)
        painted = None
        if "cover" in batch:
            prediction, values = self.network.with_regions(rgb, region_batch(batch))
            painted = paint_regions(prediction, values.float(), batch["token"])
        else:
            prediction = self(rgb)
        with torch.autocast(self.device.type, enabled=False):
            total, terms = depth_loss(prediction, batch, self.weights)
            if painted is not None:
                regional, of_regions = depth_loss(painted, batch, self.weights)
                total = _DENSE_SHARE * total + regional
                terms |= {f"region_stage/{name}": value for name, value in of_regions.items()}
        if not torch.isfinite(total):
            raise InputError(
                f"The loss became {float(total)} at step {self.global_step}; training stopped and "
                "the last checkpoint is intact. Lower the learning rate and resume from it."
            )
        self.log_dict({f"train/{k}": v for k, v in terms.items()}, batch_size=len(rgb))
        self.log("train/loss", total, prog_bar=True, batch_size=len(rgb))
        return total

    def on_validation_epoch_start(self) -> None:
        self._validation = _Running()

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
            found = depth_metrics(prediction[i], truth[i], seed=number * 1000 + i)
            for name, value in found.to_dict().items():
                self._validation.add(name, value)

    def on_validation_epoch_end(self) -> None:
        for name, value in self._validation.means(self.trainer.strategy).items():
            self.log(f"val/{name}", value, prog_bar=name == "order")

    def configure_optimizers(self) -> Any:
        config = self.optimizer_config
        muon = config.kind == "muon"
        groups: dict[tuple[bool, bool, bool], list[nn.Parameter]] = {}
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                matrix = parameter.ndim >= 2
                key = (name.startswith("encoder."), matrix, muon and _is_hidden(name, parameter))
                groups.setdefault(key, []).append(parameter)
        settings: list[dict[str, Any]] = [
            {
                "params": parameters,
                "lr": config.encoder_lr if encoder else config.lr,
                "weight_decay": config.weight_decay if matrix else 0.0,
                **({"muon": hidden} if muon else {}),
            }
            for (encoder, matrix, hidden), parameters in groups.items()
        ]
        optimizer = (
            MuonAdamW(settings, config.betas)
            if muon
            else torch.optim.AdamW(settings, betas=config.betas)
        )
        self._settings = [
            {"initial_lr": s["lr"], "weight_decay": s["weight_decay"], "betas": config.betas}
            for s in settings
        ]
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: learning_rate_factor(step, self.steps, config)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def _is_hidden(name: str, parameter: Tensor) -> bool:
    """Whether a parameter is a matrix between hidden layers, which Muon is for.

    Depthwise filters are no matrices; what meets the picture or makes the answer wants AdamW.
    """
    if parameter.ndim < 2 or min(parameter.shape[:2]) < 8:
        return False
    return not name.endswith("head.weight")
