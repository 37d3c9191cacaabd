"""What a run on a device is: network, averaged weights, optimiser, and how it is kept on disk."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.checkpoint import fit_state, read_checkpoint

from ..learning.optimizer import OptimizerConfig, make_optimizer

__all__ = ["LAST", "RunState"]

LAST = "last.ckpt"


class RunState:
    """A network in training, its average, and the optimiser that moves it.

    Attributes:
        step: optimiser steps done, batches numbered on from there.
    """

    def __init__(self, network: nn.Module, config: OptimizerConfig) -> None:
        self.network = network
        self.optimizer = make_optimizer(network, config)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.average = {n: v.detach().clone() for n, v in network.state_dict().items()}
        self.step = 0

    def set_rate(self, share: float) -> None:
        """Every group's learning rate as a share of its peak."""
        for group, peak in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = peak * share

    @torch.no_grad()
    def end_step(self, decay: float) -> None:
        """Count a step and let the average follow; at first it follows more closely."""
        self.step += 1
        decay = min(decay, (self.step + 1) / (self.step + 10))
        values = list(self.network.state_dict().values())
        torch._foreach_lerp_(list(self.average.values()), values, 1.0 - decay)

    def save(self, folder: Path) -> None:
        """Write `folder`/last.ckpt in one step, in the form that every reader of weights knows."""
        folder.mkdir(parents=True, exist_ok=True)
        content = {
            "state_dict": {f"network.{n}": v for n, v in self.network.state_dict().items()},
            "callbacks": {"AveragedWeights": {"average": self.average}},
            "optimizer_states": [self.optimizer.state_dict()],
            "global_step": self.step,
        }
        with atomic_path(folder / LAST, overwrite=True) as partial:
            torch.save(content, partial)

    def load(self, path: Path, device: torch.device) -> None:
        """Go on from a saved state.

        Raises InputError when it is damaged or of another network or optimiser.
        """
        saved = read_checkpoint(path)
        try:
            raw = {n.removeprefix("network."): v for n, v in saved["state_dict"].items()}
            average = saved["callbacks"]["AveragedWeights"]["average"]
            self.network.load_state_dict(fit_state(self.network, raw, path))
            self.average = {
                n: v.to(device) for n, v in fit_state(self.network, average, path).items()
            }
            self.optimizer.load_state_dict(saved["optimizer_states"][0])
            self.step = int(saved["global_step"])
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"{path} is no state of such a run; give another --out, or the same recipe."
            ) from error


def check_finite(loss: Tensor, step: int) -> None:
    """Raise InputError when a loss is not finite; asks the device, so not at every step."""
    if not torch.isfinite(loss):
        raise InputError(
            f"The loss became {float(loss)} by step {step}; training stopped and the last "
            "checkpoint is intact. Lower the learning rate and start again from it."
        )
