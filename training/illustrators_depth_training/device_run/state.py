"""What a run on a device is: network, averaged weights, optimiser, and how it is kept on disk."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.checkpoint import fit_state, read_checkpoint

from ..learning.optimizer import OptimizerConfig, make_optimizer

__all__ = ["LAST", "RunState", "check_finite"]

LAST = "last.ckpt"


class RunState:
    """A network in training, its average, and the optimiser that moves it.

    Attributes:
        step: optimiser steps done, batches numbered on from there.
        samples: that they saw, in batches of whatever size.
    """

    def __init__(self, network: nn.Module, config: OptimizerConfig) -> None:
        self.network = network
        self.optimizer = make_optimizer(network, config)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.average = {n: v.detach().clone() for n, v in network.state_dict().items()}
        self.step, self.samples = 0, 0

    def set_rate(self, share: float) -> None:
        """Every group's learning rate as a share of its peak."""
        for group, peak in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = peak * share

    @torch.no_grad()
    def end_step(self, decay: float, samples: int) -> None:
        """Count a step and let the average follow; at first it follows more closely."""
        self.step, self.samples = self.step + 1, self.samples + samples
        decay = min(decay, (self.step + 1) / (self.step + 10))
        values = list(self.network.state_dict().values())
        torch._foreach_lerp_(list(self.average.values()), values, 1.0 - decay)

    def save(self, folder: Path) -> None:
        """Write `folder`/last.ckpt in one step, in the form that every reader of weights knows.

        Raises InputError when weights are not finite; what was saved before is then left as it is.
        """
        tensors = [*self.network.state_dict().values(), *self.average.values()]
        lengths = torch._foreach_norm(tensors)
        check_finite(torch.stack(lengths).sum(), "length of the weights", self.step)
        folder.mkdir(parents=True, exist_ok=True)
        content = {
            "state_dict": {f"network.{n}": v for n, v in self.network.state_dict().items()},
            "callbacks": {"AveragedWeights": {"average": self.average}},
            "optimizer_states": [self.optimizer.state_dict()],
            "global_step": self.step,
            "samples": self.samples,
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
            self.step, self.samples = int(saved["global_step"]), int(saved["samples"])
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"{path} is no state of such a run; give another --out, or the same recipe."
            ) from error


def check_finite(value: Tensor, name: str, step: int) -> None:
    """Raise InputError when a number is not finite; asks the device, so not at every step."""
    if not torch.isfinite(value):
        raise InputError(
            f"The {name} became {float(value)} by step {step}; training stopped and the last "
            "checkpoint is intact. Lower the learning rate and start again from it."
        )
