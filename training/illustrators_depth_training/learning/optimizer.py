"""The optimiser's settings, its groups of parameters, and the course of the learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from illustrators_depth.errors import InputError

from ..checked_settings import chance, limited
from .muon import MuonAdamW

__all__ = ["OptimizerConfig", "learning_rate_factor", "make_optimizer"]


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
    lr: float = limited(1e-3, 0)
    encoder_lr: float = limited(3e-4, 0)
    weight_decay: float = limited(0.05, 0)
    betas: tuple[float, float] = (0.9, 0.99)
    warmup: int = limited(200, 0)
    schedule: str = "cosine"
    decay_from: int = 0
    floor: float = chance(0.0)

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


def make_optimizer(network: nn.Module, config: OptimizerConfig) -> torch.optim.Optimizer:
    """AdamW or Muon over what trains; parameters named "encoder." get the encoder's rate."""
    muon = config.kind == "muon"
    groups: dict[tuple[bool, bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
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
    if muon:
        return MuonAdamW(settings, config.betas)
    return torch.optim.AdamW(settings, betas=config.betas)


def _is_hidden(name: str, parameter: Tensor) -> bool:
    """Whether a parameter is a matrix between hidden layers, which Muon is for.

    Depthwise filters are no matrices; what meets the picture or makes the answer wants AdamW.
    """
    if parameter.ndim < 2 or min(parameter.shape[:2]) < 8:
        return False
    return not name.endswith("head.weight")
